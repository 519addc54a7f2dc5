"""Which versions of symbols a file needs of which library, and which it defines (LSB Core, 10.7)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

from tools.elf.image import Image, damaged, read_at, read_image
from tools.elf.strings import read_string

_DT_VERDEF, _DT_VERNEED = 0x6FFFFFFC, 0x6FFFFFFE
_NEED, _NEED_ITEM = struct.Struct("<2xHIII"), struct.Struct("<4xH2xII")  # count, file, items, next; flags, name, next
_DEFINITION, _DEFINITION_ITEM = struct.Struct("<2xH2xH4xII"), struct.Struct("<II")  # flags, count, items, next; ...
_BASE, _WEAK = 1, 2  # VER_FLG_BASE: the name of the file itself; VER_FLG_WEAK: may be missing
_RECORDS = 1 << 12  # real files have some dozens


class SymbolVersions(NamedTuple):
    """The versions of one file."""

    needed: tuple[tuple[str, str], ...] = ()  # (library as NEEDED names it, version), without weak ones
    defined: frozenset[str] = frozenset()  # empty: its symbols have no versions, and any will do (glibc's dl-version.c)


NONE = SymbolVersions()


def read_symbol_versions(file: BinaryIO, size: int) -> SymbolVersions:
    """Return the versions of the ELF file of ``size`` bytes; none of one that is not 64-bit little-endian.

    :raises UserError: when its tables make no sense.
    """
    if not read_at(file, size, 0, 6).startswith(b"\x7fELF\x02\x01"):
        return NONE
    image = read_image(file, size)
    needed = image.value(_DT_VERNEED)
    defined = image.value(_DT_VERDEF)
    return SymbolVersions(
        needed=() if needed is None else tuple(_needed(file, image, needed)),
        defined=frozenset() if defined is None else frozenset(_defined(file, image, defined)),
    )


def _needed(file: BinaryIO, image: Image, address: int) -> list[tuple[str, str]]:
    indexes = list(_needed_indexes(file, image, address))
    texts = _texts(file, image, (index for pair in indexes for index in pair))
    return [(texts[library], texts[version]) for library, version in indexes]


def _needed_indexes(file: BinaryIO, image: Image, address: int) -> Iterator[tuple[int, int]]:
    """Yield where the names of a library and of a version of it stand in .dynstr."""
    items = 0
    for at, (count, library, first, _) in _records(file, image, address, _NEED):
        item, items = at + first, items + count
        if items > _RECORDS:
            raise damaged("its version table has no end")
        for _ in range(count):
            flags, version, step = _NEED_ITEM.unpack(read_at(file, image.size, item, _NEED_ITEM.size))
            if not flags & _WEAK:
                yield library, version
            item += step


def _defined(file: BinaryIO, image: Image, address: int) -> Iterable[str]:
    return _texts(file, image, _defined_indexes(file, image, address)).values()


def _defined_indexes(file: BinaryIO, image: Image, address: int) -> Iterator[int]:
    for at, (flags, count, first, _) in _records(file, image, address, _DEFINITION):
        if count and not flags & _BASE:
            name, _ = _DEFINITION_ITEM.unpack(read_at(file, image.size, at + first, _DEFINITION_ITEM.size))
            yield name


def _records(
    file: BinaryIO, image: Image, address: int, form: struct.Struct
) -> Iterator[tuple[int, tuple[int, int, int, int]]]:
    """Yield place and fields of the records of a table; the last field is the step to the next one."""
    at = image.offset(address)
    if at is None:
        raise damaged(f"its table at address {address:#x} lies in no loadable segment")
    for _ in range(_RECORDS):
        first, second, third, step = form.unpack(read_at(file, image.size, at, form.size))
        yield at, (first, second, third, step)
        if not step:
            return
        at += step
    raise damaged("its version table has no end")


def _texts(file: BinaryIO, image: Image, indexes: Iterable[int]) -> dict[int, str]:
    """Return the strings of .dynstr, read as they lie in the file: a member of a wheel is unpacked on the way."""
    return {index: read_string(file, image, index).decode("utf-8", "replace") for index in sorted({*indexes})}
