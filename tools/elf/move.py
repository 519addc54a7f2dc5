"""Room for a longer string: the last loadable segment moves to the end of the file and grows there.

Its addresses stay, so no code and no relocation changes, and no program header is added. Behind it and .bss
lies a copy of .dynstr with the new string, and the dynamic section too when that has no free entry.

Bytes that were appended to the file (a zip, a payload with a trailer) are found by some readers from the end of the
file, by others behind the section headers. So they stay where they are and are repeated behind the segment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tools.elf.dynamic import encode, fits, with_rpath
from tools.elf.image import (
    DT_STRSZ,
    DT_STRTAB,
    PT_DYNAMIC,
    PT_GNU_STACK,
    PT_INTERP,
    PT_LOAD,
    SECTION,
    SEGMENT,
    SHF_ALLOC,
    SHF_TLS,
    SHT_DYNAMIC,
    SHT_NOBITS,
    SHT_PROGBITS,
    SHT_STRTAB,
    Image,
    Section,
    Segment,
    damaged,
)
from tools.elf.patch import Patch, Stretch
from tools.elf.strings import string_table
from tools.errors import UserError

ZEROS_LIMIT = 1 << 27  # bytes of .bss that may become zeros in the file; the most seen is 125 million
_ALIGN_LIMIT = 1 << 26  # bytes of p_align: as much padding may come before the segment
_PHOFF = 32  # where the file's header has the offset of the program headers
_PAGE = 1 << 12  # bytes; the smallest page of x86-64 and AArch64

Edit = tuple[int, bytes]  # (offset in the new file, new bytes)


def moved(image: Image, rpath: bytes) -> Patch:
    """Return the edit that moves the last loadable segment and adds ``rpath`` to a copy of .dynstr behind it.

    :raises UserError: when no segment can move, or it has too much .bss to write out.
    """
    old = _last_load(image)
    start = _start(image, old)
    table, size = string_table(image)
    strings = _aligned(old.memsz)
    end = strings + size + len(rpath) + 1
    changed = {DT_STRTAB: old.vaddr + strings, DT_STRSZ: end - strings}
    entries = [(tag, changed.get(tag, value)) for tag, value in with_rpath(image, size)]
    dynamic = encode(image, entries)
    move = _Move(
        image=image,
        old=old,
        start=start,
        strings=strings,
        strings_size=end - strings,
        dynamic=None if fits(image, entries) else _aligned(end),
        dynamic_size=len(dynamic),
    )
    edits = [*move.header_edits(), (move.dynamic_offset, dynamic), (start + strings + size, rpath)]
    copy = (Stretch(start - image.size), Stretch(old.filesz, old.offset)) if start != old.offset else ()
    appended = (Stretch(image.size - image.end, image.end),) if image.end < image.size else ()
    tail = (
        *copy,
        Stretch(strings - old.filesz),
        Stretch(size, table),
        Stretch(move.size - strings - size),
        *appended,
    )
    return Patch(source_size=image.size, edits=tuple(sorted(edits)), tail=tail)


def _last_load(image: Image) -> Segment:
    loads = image.loads
    if any(a.vaddr + a.memsz > b.vaddr for a, b in pairwise(loads)):
        raise damaged("its loadable segments overlap or are not in order")
    if not loads:
        raise damaged("it has no loadable segment")
    last = loads[-1]
    if last.memsz < last.filesz or last.offset + last.filesz > image.size or last.vaddr + last.memsz >= 1 << 63:
        raise damaged("its last loadable segment lies outside the file or the address space")
    if last.align & (last.align - 1) or last.align > _ALIGN_LIMIT:
        raise damaged(f"its last loadable segment is aligned to {last.align} bytes")
    if (zeros := last.memsz - last.filesz) > ZEROS_LIMIT:
        raise UserError(
            f"has {zeros} bytes of .bss, which a longer RPATH would make part of the file, and at most "
            f"{ZEROS_LIMIT} are allowed: link it with an RPATH that is long enough to be overwritten"
        )
    return last


def _start(image: Image, load: Segment) -> int:
    """Return where in the new file the segment begins: where it is if it ends the file, else behind all else."""
    if load.offset + load.filesz == image.size:
        return load.offset
    if load.offset == 0:
        raise UserError("has a single loadable segment, so that there is no room for a longer RPATH")
    if _holds_headers(image, load) and any(segment.type == PT_INTERP for segment in image.segments):
        # Before 5.18 Linux told a program that its headers are where the first segment would have them.
        raise UserError("has its program headers in the last segment, so that there is no room for a longer RPATH")
    return image.size + (load.vaddr - image.size) % max(load.align, _PAGE)


def _holds_headers(image: Image, load: Segment) -> bool:
    return load.offset <= image.phoff < load.offset + load.filesz


def _aligned(offset: int) -> int:
    return (offset + 15) & ~15


@dataclass(frozen=True, slots=True, kw_only=True)
class _Move:
    """Where things lie in the new file; offsets "in the segment" count from its start."""

    image: Image
    old: Segment
    start: int  # of the segment in the new file
    strings: int  # .dynstr in the segment
    strings_size: int
    dynamic: int | None  # the dynamic section in the segment, when it has to grow
    dynamic_size: int

    @property
    def size(self) -> int:
        return (self.strings + self.strings_size) if self.dynamic is None else self.dynamic + self.dynamic_size

    @property
    def dynamic_offset(self) -> int:
        segments = (self._segment(segment) for segment in self.image.segments)
        return next(segment.offset for segment in segments if segment.type == PT_DYNAMIC and segment.filesz)

    def header_edits(self) -> Iterator[Edit]:
        """Yield the program headers, the place of those that move along, and the section headers that change."""
        image, phoff = self.image, self.image.phoff
        if _holds_headers(image, self.old):
            phoff += self.start - self.old.offset
            yield _PHOFF, phoff.to_bytes(8, "little")
        yield phoff, b"".join(SEGMENT.pack(*self._segment(segment)) for segment in image.segments)
        for n, section in enumerate(image.sections):
            changed = self._section(section)
            if changed != section:
                yield image.shoff + n * SECTION.size, SECTION.pack(*changed)

    def _segment(self, segment: Segment) -> Segment:
        if segment is self.old:
            return segment._replace(offset=self.start, filesz=self.size, memsz=self.size)
        if segment.type == PT_DYNAMIC and self.dynamic is not None:
            address, size = self.old.vaddr + self.dynamic, self.dynamic_size
            return Segment(
                segment.type,
                segment.flags,
                self.start + self.dynamic,
                address,
                address,
                size,
                size,
                segment.align,
            )
        size = segment.memsz or segment.filesz
        if segment.type not in (PT_LOAD, PT_GNU_STACK) and size and self._carries(segment.vaddr):
            return segment._replace(offset=self._place(segment.vaddr))
        return segment

    def _section(self, section: Section) -> Section:
        if section.type == SHT_STRTAB and section.addr == self.image.value(DT_STRTAB):
            return self._at(section, self.strings, self.strings_size)
        if section.type == SHT_DYNAMIC and self.dynamic is not None:
            return self._at(section, self.dynamic, self.dynamic_size)
        if not section.flags & SHF_ALLOC or not self._carries(section.addr):
            return section
        # .bss has bytes now: a section without them cannot stand before others (strip would drop those)
        inside = section.addr + section.size <= self.old.vaddr + self.old.memsz
        bss = section.type == SHT_NOBITS and not section.flags & SHF_TLS
        kind = SHT_PROGBITS if bss and inside else section.type
        return section._replace(type=kind, offset=self._place(section.addr))

    def _at(self, section: Section, offset: int, size: int) -> Section:
        return section._replace(addr=self.old.vaddr + offset, offset=self.start + offset, size=size)

    def _carries(self, address: int) -> bool:
        return self.old.vaddr <= address <= self.old.vaddr + self.old.memsz

    def _place(self, address: int) -> int:
        return self.start + address - self.old.vaddr
