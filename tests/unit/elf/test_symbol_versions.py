"""Versions of symbols in tables that no linker makes; tests of verify have the real ones."""

from __future__ import annotations

import io
import struct

import pytest

from tests.support.made_elf import made_elf
from tools.elf.image import DT_STRTAB, ENTRY, read_image
from tools.elf.symbol_versions import read_symbol_versions
from tools.errors import UserError

DT_VERNEED = 0x6FFFFFFE
VERNEED = struct.Struct("<HHIII")  # version, count, file, items, next: as large as a dynamic entry


def needing_versions(*counts: int) -> bytes:
    """Return a library whose version table lies in its dynamic section: records of that many items each."""
    records = [VERNEED.pack(1, count, 1, 0, VERNEED.size) for count in counts] + [VERNEED.pack(1, 0, 1, 0, 0)]
    bare = made_elf(["a.so"])
    first = read_image(io.BytesIO(bare), len(bare)).values[DT_STRTAB]  # one entry further, the strings lie behind
    return made_elf(["a.so"], slots=100, entries=[ENTRY.pack(DT_VERNEED, first), *records])


def test_a_version_table_of_more_items_than_any_library_has():
    content = needing_versions(3000, 3000)

    with pytest.raises(UserError, match="is a damaged ELF file: its version table has no end"):
        read_symbol_versions(io.BytesIO(content), len(content))


def test_a_version_table_of_some_items():
    content = needing_versions(2)

    assert read_symbol_versions(io.BytesIO(content), len(content)).needed == (("a.so", ""), ("a.so", ""))
