"""Tests of tools.wheel.compress.deflating and tools.wheel.compress.blocks: streams that inflate to what went in."""

from __future__ import annotations

import random
import zlib

import deflate
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.wheel.compress.blocks import last_block
from tools.wheel.compress.deflating import compress, compress_piece, is_worth_compressing, sample_offsets


def inflated(stream: bytes) -> bytes:
    """Return what zlib makes of one raw stream that ends where its bytes end."""
    inflater = zlib.decompressobj(-15)
    content = inflater.decompress(stream)
    assert inflater.eof
    assert inflater.unused_data == b""
    return content


def joined(pieces: list[bytes], level: int = 5) -> bytes:
    last = len(pieces) - 1
    return b"".join(compress_piece(piece, level, last=number == last) for number, piece in enumerate(pieces))


def sample(seed: int, size: int) -> bytes:
    """Return bytes of a kind that depends on the seed: one symbol, some, or noise."""
    generator = random.Random(seed)
    return bytes(generator.choices(range(generator.randrange(1, 257)), k=size))


@given(st.lists(st.binary(max_size=2000), min_size=1, max_size=6), st.integers(1, 12))
def test_pieces_of_anything_join_to_one_stream(pieces: list[bytes], level: int) -> None:
    assert inflated(joined(pieces, level)) == b"".join(pieces)


@pytest.mark.parametrize("seed", range(40))
def test_pieces_of_many_blocks_join_to_one_stream(seed: int) -> None:
    sizes = random.Random(seed).choices(range(400_000), k=3)
    pieces = [sample(seed * 3 + number, size) for number, size in enumerate(sizes)]

    assert inflated(joined(pieces)) == b"".join(pieces)


@pytest.mark.parametrize("size", [1, 5_000, 300_000, 320_000, 1_000_000])
def test_the_last_block_is_the_one_with_the_final_bit(size: int) -> None:
    """Its header's first bit is set; cleared, the same bytes come out and the stream has no end."""
    content = sample(size, size)
    packed = deflate.deflate_compress(content, 5)

    start, end = last_block(packed, size)

    assert packed[start >> 3] >> (start & 7) & 1
    assert len(packed) * 8 - 8 < end <= len(packed) * 8
    packed[start >> 3] &= ~(1 << (start & 7)) & 0xFF
    inflater = zlib.decompressobj(-15)
    assert inflater.decompress(packed) == content
    assert not inflater.eof


@pytest.mark.parametrize("damage", ["truncated", "not deflate", "another size"])
def test_what_is_no_stream_of_that_size_is_noticed(damage: str) -> None:
    packed, size = deflate.deflate_compress(sample(3, 50_000), 5), 50_000
    match damage:
        case "truncated":
            packed = packed[:-10]
        case "not deflate":
            packed = bytearray(b"\xff" * 100)
        case "another size":
            size += 1

    with pytest.raises(ValueError, match=f"no deflate stream of {size} bytes"):
        last_block(packed, size)


def test_whole_members_are_smaller_or_not_compressed() -> None:
    assert inflated(bytes(compress(b"a" * 1000, 5) or b"")) == b"a" * 1000
    assert compress(random.Random(0).randbytes(1000), 5) is None
    assert compress(b"", 5) is None
    assert compress(b"x", 5) is None


@pytest.mark.parametrize("size", [1, 16_384, 16_385, 1 << 20, (1 << 20) + 1, 100 << 20, 5 << 30])
def test_samples_lie_inside_and_are_bounded(size: int) -> None:
    offsets = sample_offsets(size)

    assert 1 <= len(offsets) <= 257
    assert all(0 <= offset < size for offset in offsets)


def test_samples_decide_whether_to_compress() -> None:
    noise = random.Random(0).randbytes(20_000)

    assert not is_worth_compressing([noise, noise])
    assert is_worth_compressing([noise, bytes(20_000)])
