"""Who uses the strings of .dynstr: names may share bytes, so that none can be overwritten unseen."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from tools.elf.image import (
    DT_HASH,
    DT_NEEDED,
    DT_SONAME,
    DT_STRSZ,
    DT_STRTAB,
    DT_SYMTAB,
    SHT_DYNAMIC,
    SHT_DYNSYM,
    Image,
    damaged,
    read_at,
)

STRING_LIMIT = 1 << 16  # bytes of one string
_DT_VERDEF, _DT_VERNEED, _DT_GNU_LIBLIST = 0x6FFFFFFC, 0x6FFFFFFE, 0x6FFFFEF9
_CONFIG, _DEPAUDIT, _AUDIT, _AUXILIARY, _FILTER = 0x6FFFFEFA, 0x6FFFFEFB, 0x6FFFFEFC, 0x7FFFFFFD, 0x7FFFFFFF
_NAMES = (DT_NEEDED, DT_SONAME, _CONFIG, _DEPAUDIT, _AUDIT, _AUXILIARY, _FILTER)
_LINKED = (SHT_DYNAMIC, SHT_DYNSYM, 0x6FFFFFFD, 0x6FFFFFFE)  # and SHT_GNU_verdef, SHT_GNU_verneed
_SYMBOL = struct.Struct("<I20x")  # st_name
_NEED, _NEED_ITEM = struct.Struct("<2xHIII"), struct.Struct("<8xII")  # count, file, items, next; name, next
_DEFINITION, _DEFINITION_ITEM = (
    struct.Struct("<6xH4xII"),
    struct.Struct("<II"),
)  # count, items, next; name, next
_BLOCK = 1 << 15  # symbols read at a time
_VERSIONS_LIMIT = 1 << 12  # records of a version table; real ones have some dozens


def string_table(image: Image) -> tuple[int, int]:
    """Return where .dynstr lies in the file and its size, in bytes.

    :raises UserError: when it lies in no loadable segment.
    """
    address, size = image.value(DT_STRTAB), image.value(DT_STRSZ)
    offset = image.offset(address, size) if address is not None and size else None
    if offset is None or not size:
        raise damaged("its string table lies in no loadable segment")
    return offset, size


def read_string(file: BinaryIO, image: Image, index: int) -> bytes:
    """Return the string at ``index`` of .dynstr, without its end mark.

    :raises UserError: when it lies outside the table or has no end there.
    """
    offset, size = string_table(image)
    if index < size:
        text, end, _ = read_at(file, image.size, offset + index, min(size - index, STRING_LIMIT)).partition(b"\0")
        if end:
            return text
    raise damaged(f"string {index} has no end")


def is_shared(file: BinaryIO, image: Image, first: int, last: int) -> bool:
    """Say whether bytes ``first`` to ``last`` of .dynstr have, or may have, users besides RPATH and RUNPATH.

    :raises UserError: when a table that uses strings is damaged.
    """
    table, _ = string_table(image)
    if first == 0 or read_at(file, image.size, table + first - 1, 1) != b"\0":
        return True  # the end of a longer name
    symbols = _symbol_count(file, image)
    if symbols is None or _has_other_users(image, table):
        return True
    return any(first <= name <= last for name in _names(file, image, symbols))


def _has_other_users(image: Image, table: int) -> bool:
    own = {n for n, section in enumerate(image.sections) if section.offset == table}
    linked = any(section.link in own and section.type not in _LINKED for section in image.sections)
    return linked or image.section_names in own or image.value(_DT_GNU_LIBLIST) is not None


def _names(file: BinaryIO, image: Image, symbols: int) -> Iterator[int]:
    yield from (value for tag, value in image.tags if tag in _NAMES)
    yield from _version_names(file, image, image.value(_DT_VERNEED), _NEED, _NEED_ITEM)
    yield from _version_names(file, image, image.value(_DT_VERDEF), _DEFINITION, _DEFINITION_ITEM)
    start = _offset(image, image.value(DT_SYMTAB), symbols * _SYMBOL.size)
    for done in range(0, symbols, _BLOCK):
        length = min(_BLOCK, symbols - done) * _SYMBOL.size
        block = read_at(file, image.size, start + done * _SYMBOL.size, length)
        yield from (name for (name,) in _SYMBOL.iter_unpack(block))


def _symbol_count(file: BinaryIO, image: Image) -> int | None:
    table, hashes = image.value(DT_SYMTAB), image.value(DT_HASH)
    for section in image.sections:
        if section.type == SHT_DYNSYM and section.addr == table:
            return section.size // _SYMBOL.size
    if hashes is None:
        return None
    count = read_at(file, image.size, _offset(image, hashes, 8) + 4, 4)  # nchain
    return int.from_bytes(count, "little")


def _version_names(
    file: BinaryIO, image: Image, address: int | None, head: struct.Struct, item: struct.Struct
) -> Iterator[int]:
    """Yield the names of .gnu.version_r or .gnu.version_d (LSB Core, 10.7)."""
    if address is None:
        return
    offset, records = _offset(image, address, 1), 0
    while True:
        count, *names, first, following = head.unpack(read_at(file, image.size, offset, head.size))
        yield from names
        if (records := records + 1 + count) > _VERSIONS_LIMIT:
            raise damaged("its version table has no end")
        at = offset + first
        for _ in range(count):
            name, step = item.unpack(read_at(file, image.size, at, item.size))
            yield name
            at += step
        if not following:
            return
        offset += following


def _offset(image: Image, address: int | None, length: int) -> int:
    offset = None if address is None else image.offset(address, length)
    if offset is None:
        raise damaged(f"its table at address {address or 0:#x} lies in no loadable segment")
    return offset
