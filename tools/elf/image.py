"""The tables of a 64-bit little-endian ELF file that tell a loader what lies where (gABI, chapters 4 and 5).

Only these tables are read, never the file. Names and order of the fields are the specification's.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, BinaryIO, NamedTuple

from tools.errors import UserError

PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_NOTE, PT_PHDR = 1, 2, 3, 4, 6
PT_GNU_STACK, PT_GNU_RELRO = 0x6474E551, 0x6474E552
DT_NULL, DT_NEEDED, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ = 0, 1, 4, 5, 6, 10
DT_SONAME, DT_RPATH, DT_RUNPATH, DT_FLAGS_1 = 14, 15, 29, 0x6FFFFFFB
SHT_NULL, SHT_PROGBITS, SHT_STRTAB, SHT_DYNAMIC, SHT_NOBITS, SHT_DYNSYM = 0, 1, 3, 6, 8, 11
SHF_ALLOC, SHF_TLS = 0x2, 0x400

HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
SEGMENT = struct.Struct("<IIQQQQQQ")
SECTION = struct.Struct("<IIQQQQIIQQ")
ENTRY = struct.Struct("<QQ")  # of the dynamic section: d_tag, d_val
_TABLE_LIMIT = 1 << 26  # bytes of one header table: a million sections
_DYNAMIC_LIMIT = 1 << 13  # entries of the dynamic section; real ones have some dozens


class Segment(NamedTuple):
    """One program header."""

    type: int
    flags: int
    offset: int
    vaddr: int
    paddr: int
    filesz: int
    memsz: int
    align: int

    def maps(self, address: int, length: int = 1) -> bool:
        """Say whether the ``length`` bytes at ``address`` come from the file by this segment."""
        return self.vaddr <= address and address + length <= self.vaddr + self.filesz


class Section(NamedTuple):
    """One section header; ``name`` is an offset."""

    name: int
    type: int
    flags: int
    addr: int
    offset: int
    size: int
    link: int
    info: int
    addralign: int
    entsize: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """The header tables of a file of ``size`` bytes."""

    size: int
    type: int  # e_type
    machine: int  # e_machine
    phoff: int
    segments: tuple[Segment, ...]
    loads: tuple[Segment, ...]  # those that the loader maps, in the file's order
    shoff: int
    sections: tuple[Section, ...]
    section_names: int  # e_shstrndx
    dynamic: tuple[tuple[int, int], ...]  # (tag, value) of each slot, up to the one behind the end mark
    tags: tuple[tuple[int, int], ...]  # those before the end mark
    values: Mapping[int, int]  # the same by tag; of several the last counts, as in glibc

    @property
    def end(self) -> int:
        """Where the last byte that a header tells of ends; what lies behind it somebody appended."""
        ends = [HEADER.size, self.phoff + len(self.segments) * SEGMENT.size]
        ends += [self.shoff + len(self.sections) * SECTION.size]
        # lld rounds the size of PT_GNU_RELRO up to a page; its bytes are those of a loadable segment
        ends += [s.offset + s.filesz for s in self.segments if s.type != PT_GNU_RELRO]
        ends += [s.offset + s.size for s in self.sections if s.type not in (SHT_NULL, SHT_NOBITS)]
        return min(max(ends), self.size)

    @property
    def dynamic_segment(self) -> Segment | None:
        """The PT_DYNAMIC that has bytes; a file of split debug information has one without."""
        return next((s for s in self.segments if s.type == PT_DYNAMIC and s.filesz), None)

    def value(self, tag: int) -> int | None:
        """Return the value of a dynamic entry, None where there is none."""
        return self.values.get(tag)

    def offset(self, address: int, length: int = 1) -> int | None:
        """Return where in the file the ``length`` bytes at ``address`` lie, None when not in one segment."""
        found = next((s for s in self.loads if s.maps(address, length)), None)
        return found.offset + address - found.vaddr if found else None


def read_image(file: BinaryIO, size: int) -> Image:
    """Return the header tables of the ELF file of ``size`` bytes.

    :raises UserError: when it is of another class or byte order, truncated, or its tables make no sense.
    """
    fields = HEADER.unpack(read_at(file, size, 0, HEADER.size))
    ident, kind, machine, _, _, phoff, shoff, _, _, phentsize, phnum, shentsize, shnum, names = fields
    if ident[:6] != b"\x7fELF\x02\x01":
        raise UserError("is not a 64-bit little-endian ELF file")
    if (phnum and phentsize != SEGMENT.size) or (shoff and shentsize != SECTION.size):
        raise damaged(f"its headers have {phentsize} and {shentsize} bytes instead of 56 and 64")
    segments = tuple(map(Segment._make, _rows(SEGMENT, file, size, phoff, phnum)))
    dynamic = _dynamic(file, size, segments)
    tags = tuple(takewhile(lambda entry: entry[0] != DT_NULL, dynamic))
    return Image(
        size=size,
        type=kind,
        machine=machine,
        phoff=phoff,
        segments=segments,
        loads=tuple(segment for segment in segments if segment.type == PT_LOAD),
        shoff=shoff,
        sections=_sections(file, size, shoff, shnum),
        section_names=names,
        dynamic=dynamic[: len(tags) + 2],
        tags=tags,
        values=dict(tags),
    )


def read_at(file: BinaryIO, size: int, offset: int, length: int) -> bytes:
    """Return ``length`` bytes at ``offset`` of a file of ``size`` bytes.

    :raises UserError: when the file ends before.
    """
    if offset + length <= size:
        file.seek(offset)
        content = file.read(length)
        while len(content) < length and (more := file.read(length - len(content))):  # one read may give less
            content += more
        if len(content) == length:
            return content
    raise UserError(f"is a truncated ELF file: {size} bytes, {length} wanted at {offset}")


def damaged(reason: str) -> UserError:
    """Return the error that says in which way a file makes no sense."""
    return UserError(f"is a damaged ELF file: {reason}")


def _sections(file: BinaryIO, size: int, offset: int, count: int) -> tuple[Section, ...]:
    if not offset:
        return ()
    if not count:  # 65,280 sections or more: the size of the first is their number
        count = Section._make(next(_rows(SECTION, file, size, offset, 1))).size
    return tuple(map(Section._make, _rows(SECTION, file, size, offset, count)))


def _dynamic(file: BinaryIO, size: int, segments: tuple[Segment, ...]) -> tuple[tuple[int, int], ...]:
    segment = next((s for s in segments if s.type == PT_DYNAMIC and s.filesz), None)
    if segment is None:
        return ()
    slots = segment.filesz // ENTRY.size
    found = tuple(_rows(ENTRY, file, size, segment.offset, min(slots, _DYNAMIC_LIMIT)))
    if slots > _DYNAMIC_LIMIT and all(tag != DT_NULL for tag, _ in found):
        raise damaged(f"its dynamic section has more than {_DYNAMIC_LIMIT} entries")
    return found


def _rows(form: struct.Struct, file: BinaryIO, size: int, offset: int, count: int) -> Iterator[Any]:
    if count * form.size > _TABLE_LIMIT:
        raise damaged(f"a table of {count} rows")
    return form.iter_unpack(read_at(file, size, offset, count * form.size))
