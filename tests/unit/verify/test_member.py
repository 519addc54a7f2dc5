"""The bytes of one member: whole, from front to back, and then in any order."""

from __future__ import annotations

import random
import tracemalloc
import zlib
from collections.abc import Callable
from typing import BinaryIO

import pytest

from tools.errors import UserError
from tools.verify.member import STORED, as_file, member

DEFLATED = 8
MIB = 1 << 20


def text(size: int) -> bytes:
    """Return bytes that shrink to about half."""
    chance = random.Random(size)
    return bytes(chance.choices(range(16), k=min(size, MIB))) * (size // MIB or 1)


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


PACKED: dict[int, Callable[[bytes], bytes]] = {STORED: bytes, DEFLATED: deflated}


@pytest.mark.parametrize("method", PACKED)
@pytest.mark.parametrize("size", [0, 1, 5 * MIB, 40 * MIB])
def test_all_bytes_come_in_order(method, size):
    content = text(size)[:size]

    source = member(memoryview(PACKED[method](content)), method, size)

    assert b"".join(source.blocks()) == content


@pytest.mark.parametrize("method", PACKED)
def test_bytes_are_read_anywhere_and_in_any_order(method):
    content, chance = text(40 * MIB), random.Random(7)
    source = member(memoryview(PACKED[method](content)), method, len(content))
    for _ in source.blocks():
        pass
    file = as_file(source, len(content))

    for _ in range(40):
        at, length = chance.randrange(len(content) + 10), chance.choice((0, 1, 64, 300, MIB))
        file.seek(at)
        assert file.read(length) == content[at : at + length]
    file.seek(-3, 2)
    assert (file.read(), file.tell()) == (content[-3:], len(content))
    with pytest.raises((OSError, ValueError)):
        file.seek(-1)


def test_a_large_member_is_never_held_whole():
    content = bytes(256 * MIB)
    packed = memoryview(deflated(content))
    del content
    tracemalloc.start()
    try:
        source = member(packed, DEFLATED, 256 * MIB)
        for _ in source.blocks():
            pass
        file = as_file(source, 256 * MIB)
        for at in range(0, 256 * MIB, MIB):
            file.seek(at)
            assert file.read(4) == bytes(4)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 64 * MIB


def read_each(file: BinaryIO, places: list[int]) -> None:
    for place in places:
        file.seek(place)
        file.read(1)


def test_places_that_lie_far_apart_are_not_read_without_end():
    source = member(memoryview(deflated(bytes(200 * MIB))), DEFLATED, 200 * MIB)
    for _ in source.blocks():
        pass
    file, places = as_file(source, 200 * MIB), [number * 16 * MIB - 5 for number in range(12, 1, -1)] * 100

    with pytest.raises(UserError) as caught:
        read_each(file, places)

    assert str(caught.value) == "has tables that lie too far apart to be looked at"


@pytest.mark.parametrize(
    ("packed", "size"),
    [
        pytest.param(deflated(b"0123456789"), 9, id="more than stated"),
        pytest.param(deflated(b"0123456789"), 11, id="less than stated"),
        pytest.param(deflated(b"0123456789")[:-2], 10, id="cut off"),
        pytest.param(deflated(b"0123456789") + b"x", 10, id="something behind the end"),
        pytest.param(b"", 0, id="nothing at all"),
    ],
)
def test_a_member_that_is_not_what_is_stated(packed, size):
    with pytest.raises(ValueError, match=r"^$"):
        list(member(memoryview(packed), DEFLATED, size).blocks())
