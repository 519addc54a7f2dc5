"""Tests of tools.wheel.compress.deflating: streams that inflate to what went in."""

from __future__ import annotations

import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.contents import sample
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


@given(st.lists(st.binary(max_size=2000), min_size=1, max_size=6), st.integers(1, 12))
def test_pieces_of_anything_join_to_one_stream(pieces: list[bytes], level: int) -> None:
    assert inflated(joined(pieces, level)) == b"".join(pieces)


@pytest.mark.parametrize("seed", range(40))
def test_pieces_of_many_blocks_join_to_one_stream(seed: int) -> None:
    sizes = random.Random(seed).choices(range(400_000), k=3)
    pieces = [sample(seed * 3 + number, size) for number, size in enumerate(sizes)]

    assert inflated(joined(pieces)) == b"".join(pieces)


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
