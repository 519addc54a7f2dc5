"""Damaged files: the reader answers with facts or a sentence, soon."""

from __future__ import annotations

import io
import random
import struct
from functools import partial
from pathlib import Path

import pytest

from tests.support.pe_files import launchers
from tests.support.watched_files import Bounded
from tests.support.windows import downloads
from tools.errors import UserError
from tools.pe.facts import read_pe_facts
from tools.pe.model import PeFacts

READS_LIMIT = 20_000  # calls; a loop over a table of a damaged file must end
FEW, MANY = 4_000, 100_000  # changed files, each day and with --slow
SMALL = 1 << 18  # bytes of a file that is changed in memory
VALUES = (0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0x1000, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


bounded = partial(Bounded, reads=READS_LIMIT, largest=1 << 20)


def facts(content: bytes) -> PeFacts | str | None:
    try:
        return read_pe_facts(bounded(content), len(content))
    except UserError as error:
        return str(error)


@pytest.fixture(scope="module")
def files(features: Path) -> list[bytes]:
    return [file.read_bytes() for file in (features, features.with_name("needed.dll"), *launchers())]


def change_many(files: list[bytes], rounds: int) -> set[str]:
    """Change fields of the headers and of all tables; return the kinds of sentences that this led to."""
    generator, kinds = random.Random(20261126), set()
    places = [interesting(content) for content in files]
    for _ in range(rounds):
        number = generator.randrange(len(files))
        changed = bytearray(files[number])
        for _ in range(generator.randint(1, 4)):
            size = generator.choice((1, 2, 4, 8))
            value = generator.choice((*VALUES, generator.getrandbits(32), generator.getrandbits(12)))
            at = generator.choice(places[number])
            changed[at : at + size] = (value & ((1 << size * 8) - 1)).to_bytes(size, "little")
        if generator.random() < 0.05:
            del changed[generator.randrange(len(changed)) :]
        answer = facts(bytes(changed))
        if isinstance(answer, str):
            kinds.add(answer.partition(":")[0])
    return kinds


def interesting(content: bytes) -> list[int]:
    """Return offsets in the headers, and in the sections that tables lie in."""
    start = struct.unpack_from("<I", content, 60)[0]
    sections, optional = struct.unpack_from("<H12xH", content, start + 6)
    table = start + 24 + optional
    places = [60, *range(start, table + 40 * sections, 2)] * 4
    for n in range(sections):
        size, offset = struct.unpack_from("<II", content, table + 40 * n + 16)
        places += range(offset, offset + min(size, 2048), 2)
    return [place for place in places if place + 8 < len(content)]


def test_changed_files(files: list[bytes]) -> None:
    assert change_many(files, FEW) == {"is a damaged PE file", "is a truncated PE file"}


@pytest.mark.slow
def test_very_many_changed_files(files: list[bytes], tmp_path: Path) -> None:
    """Of linkers of others, too: launchers for three machines, and two of AMD's signed DLLs."""
    real = [*downloads.binaries("pip", tmp_path), *downloads.binaries(downloads.AMD, tmp_path)]
    small = [file.read_bytes() for file in real if file.stat().st_size < SMALL]

    assert len(small) == 8
    assert change_many([*files, *small], MANY) == {"is a damaged PE file", "is a truncated PE file"}


def test_a_file_that_ends_anywhere(files: list[bytes]) -> None:
    content = files[0]

    answers = {facts(content[:end]) is not None for end in range(0, len(content), 7)}

    assert answers == {True, False}


def test_tables_that_are_scattered_over_the_file_are_refused() -> None:
    size, count = 1 << 28, 1 << 14  # a name every 16 KiB
    rows = {60: struct.pack("<I", 64), 64: b"PE\0\0" + struct.pack("<HH12xHH", 0x8664, 1, 240, 0x2022)}
    optional = bytearray(240)
    struct.pack_into("<H", optional, 0, 0x20B)
    struct.pack_into("<IIII", optional, 108, 16, 0x1000, 40, 0)
    rows[88] = bytes(optional)
    rows[88 + 240] = struct.pack("<8sIIII16x", b".all", size, 0x1000, size - 0x1000, 0x1000)
    rows[0x1000] = struct.pack("<12xIIIIIII", 0, 1, 1, count, 0x2000, 0x10000, 0x30000)
    rows[0x2000] = struct.pack("<I", 0x2000)
    rows[0x10000] = struct.pack(f"<{count}I", *(0x40000 + (n << 13) for n in range(count)))

    assert facts_of_sparse(rows, size) == "is a damaged PE file: its tables are scattered over more than 128 MiB"


class Sparse(io.RawIOBase):
    """A large file of zeros with a few bytes in it."""

    def __init__(self, rows: dict[int, bytes]) -> None:
        self.rows, self.position = rows, 0

    def seek(self, offset: int, whence: int = 0) -> int:
        self.position = offset
        return offset

    def read(self, size: int = -1) -> bytes:
        content, start = bytearray(size), self.position
        for at, row in self.rows.items():
            for n in range(max(at, start), min(at + len(row), start + size)):
                content[n - start] = row[n - at]
        return bytes(content)


def facts_of_sparse(rows: dict[int, bytes], size: int) -> str | None:
    with pytest.raises(UserError) as caught:
        read_pe_facts(Sparse({0: b"MZ", **rows}), size)  # type: ignore[arg-type]
    return str(caught.value)
