"""Tests of tools.wheel.compress.blocks: where the last block of a stream begins and ends."""

from __future__ import annotations

import random
import threading
import zlib

import deflate
import pytest

from tests.support.contents import sample
from tools.wheel.compress.blocks import last_block


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


def test_a_stored_block_is_a_block_too() -> None:
    noise = random.Random(1).randbytes(100_000)
    compressor = zlib.compressobj(0, zlib.DEFLATED, -15)
    packed = bytearray(compressor.compress(noise) + compressor.flush())

    start, end = last_block(packed, len(noise))

    assert start % 8 == 0
    assert packed[start >> 3] & 1
    assert end == len(packed) * 8


def test_an_empty_stream_has_one_block() -> None:
    packed = bytearray(deflate.deflate_compress(b"", 5))

    assert last_block(packed, 0)[0] == 0


def test_the_stream_may_change_its_size_again() -> None:
    packed = deflate.deflate_compress(sample(4, 1000), 5)
    last_block(packed, 1000)

    packed += b"x"  # BufferError while somebody holds its memory

    assert packed[-1:] == b"x"


def test_threads_do_not_share_what_they_inflate_into() -> None:
    """Streams of several windows, each walked by a thread of its own, many times at once."""
    streams = [deflate.deflate_compress(sample(seed, 900_000), 5) for seed in range(4)]
    expected = [last_block(bytearray(packed), 900_000) for packed in streams]
    wrong: list[int] = []

    def walk(number: int) -> None:
        wrong.extend(number for _ in range(20) if last_block(bytearray(streams[number]), 900_000) != expected[number])

    threads = [threading.Thread(target=walk, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
