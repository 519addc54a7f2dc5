"""Libraries that only name another library: what a link named libfoo.so is for programs that open that name.

A forwarder has a SONAME of its own. The loader would take a second file with the SONAME of a library that is
loaded for that library, and a copy of it would be loaded beside it.
"""

from __future__ import annotations

from tools.elf.image import (
    DT_HASH,
    DT_NEEDED,
    DT_NULL,
    DT_RPATH,
    DT_SONAME,
    DT_STRSZ,
    DT_STRTAB,
    DT_SYMTAB,
    ENTRY,
    HEADER,
    PT_DYNAMIC,
    PT_GNU_STACK,
    PT_LOAD,
    SECTION,
    SEGMENT,
    SHF_ALLOC,
    SHT_DYNAMIC,
    SHT_DYNSYM,
    SHT_NULL,
    SHT_STRTAB,
    Section,
    Segment,
)
from tools.errors import UserError

_READ, _WRITE = 4, 2  # p_flags
_ALIGN = 1 << 16  # bytes: the largest page of x86-64 and AArch64
_SYMBOL_SIZE, _SHF_WRITE = 24, 1
_DT_SYMENT, _DT_GNU_HASH = 11, 0x6FFFFEF5
_SHT_HASH, _SHT_GNU_HASH = 5, 0x6FFFFFF6
_SECTION_NAMES = (b"", b".hash", b".gnu.hash", b".dynsym", b".dynstr", b".dynamic", b".shstrtab")
# Tables of no symbol but the first, empty one: a bucket and a chain; a bucket, first symbol 1, an empty filter.
_HASH = b"".join(n.to_bytes(4, "little") for n in (1, 1, 0, 0))
_GNU_HASH = b"".join(n.to_bytes(4, "little") for n in (1, 1, 1, 0, 0, 0, 0))


def forwarder(soname: str, needed: str) -> bytes:
    """Return an x86-64 shared library called ``soname`` with the symbols of ``needed``, which lies beside it.

    One segment, writable because glibc before 2.35 writes addresses into every dynamic section.

    :raises UserError: when a name is empty, has a slash or a NUL character, or both are the same.
    """
    _check(soname, needed)
    names = [name.encode() + b"\0" for name in (soname, needed, "$ORIGIN")]
    strings = b"\0" + b"".join(names)
    indexes = (1, 1 + len(names[0]), 1 + len(names[0]) + len(names[1]))
    tables = [_HASH, _GNU_HASH, bytes(_SYMBOL_SIZE), strings, _dynamic([0] * 4, indexes, len(strings))]
    offsets = _offsets([len(table) for table in tables])
    tables[-1] = _dynamic(offsets, indexes, len(strings))
    tables.append(b"\0".join((*_SECTION_NAMES, b"")))
    places = [(offset, len(table)) for offset, table in zip(offsets, tables, strict=True)]
    end = _aligned(sum(places[-1]))
    file = bytearray(_header(end) + _segments(places[4], sum(places[4])))
    for offset, table in zip(offsets, tables, strict=True):
        file += bytes(offset - len(file)) + table
    return bytes(file) + bytes(end - len(file)) + _sections(places)


def _check(soname: str, needed: str) -> None:
    for name in (soname, needed):
        if not name or "/" in name or "\0" in name:
            raise UserError(f"{name!r} cannot be the name of a library: no slash and no NUL character is allowed")
    if soname == needed:
        raise UserError(f"{soname!r} cannot forward to itself")


def _header(sections: int) -> bytes:
    ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    sizes = (HEADER.size, SEGMENT.size, 3, SECTION.size, len(_SECTION_NAMES), len(_SECTION_NAMES) - 1)
    return HEADER.pack(ident, 3, 62, 1, 0, HEADER.size, sections, 0, *sizes)  # ET_DYN, EM_X86_64


def _segments(dynamic: tuple[int, int], end: int) -> bytes:
    offset, size = dynamic
    rows = (
        Segment(PT_LOAD, _READ | _WRITE, 0, 0, 0, end, end, _ALIGN),
        Segment(PT_DYNAMIC, _READ | _WRITE, offset, offset, offset, size, size, 8),
        Segment(PT_GNU_STACK, _READ | _WRITE, 0, 0, 0, 0, 0, 16),
    )
    return b"".join(SEGMENT.pack(*row) for row in rows)


def _dynamic(offsets: list[int], names: tuple[int, int, int], strings_size: int) -> bytes:
    hashes, gnu_hashes, symbols, strings, *_ = offsets
    soname, needed, origin = names
    entries = (
        (DT_NEEDED, needed),
        (DT_SONAME, soname),
        (DT_RPATH, origin),
        (DT_HASH, hashes),
        (_DT_GNU_HASH, gnu_hashes),
        (DT_STRTAB, strings),
        (DT_SYMTAB, symbols),
        (DT_STRSZ, strings_size),
        (_DT_SYMENT, _SYMBOL_SIZE),
        (DT_NULL, 0),
    )
    return b"".join(ENTRY.pack(*entry) for entry in entries)


def _sections(places: list[tuple[int, int]]) -> bytes:
    kinds = (  # type, flags, link, info, size of a row, of what is in ``places``
        (_SHT_HASH, SHF_ALLOC, 3, 0, 4),
        (_SHT_GNU_HASH, SHF_ALLOC, 3, 0, 0),
        (SHT_DYNSYM, SHF_ALLOC, 4, 1, _SYMBOL_SIZE),
        (SHT_STRTAB, SHF_ALLOC, 0, 0, 0),
        (SHT_DYNAMIC, SHF_ALLOC | _SHF_WRITE, 4, 0, ENTRY.size),
        (SHT_STRTAB, 0, 0, 0, 0),
    )
    rows = [Section(0, SHT_NULL, 0, 0, 0, 0, 0, 0, 0, 0)]
    name = 1
    for (kind, flags, link, info, entry), (offset, size), text in zip(kinds, places, _SECTION_NAMES[1:], strict=True):
        address = offset if flags else 0
        rows.append(Section(name, kind, flags, address, offset, size, link, info, 8, entry))
        name += len(text) + 1
    return b"".join(SECTION.pack(*row) for row in rows)


def _offsets(sizes: list[int]) -> list[int]:
    """Return where tables of these sizes lie one behind the other, and where the next would begin."""
    offsets = [HEADER.size + 3 * SEGMENT.size]
    for size in sizes:
        offsets.append(_aligned(offsets[-1] + size))
    return offsets


def _aligned(offset: int) -> int:
    return (offset + 7) & ~7
