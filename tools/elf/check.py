"""Whether the tables of an ELF file fit together, so that no loader and no tool trips over them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import BinaryIO

from tools.elf.image import (
    DT_HASH,
    DT_NEEDED,
    DT_NULL,
    DT_RPATH,
    DT_RUNPATH,
    DT_SONAME,
    DT_STRSZ,
    DT_STRTAB,
    DT_SYMTAB,
    PT_DYNAMIC,
    PT_GNU_RELRO,
    PT_GNU_STACK,
    PT_LOAD,
    PT_PHDR,
    SEGMENT,
    SHF_ALLOC,
    SHT_NOBITS,
    SHT_NULL,
    SHT_STRTAB,
    Image,
    Section,
    read_image,
)
from tools.elf.strings import read_string
from tools.errors import UserError, listed

_NAMED = {DT_NEEDED: "NEEDED", DT_SONAME: "SONAME", DT_RPATH: "RPATH", DT_RUNPATH: "RUNPATH"}
_COMPARISONS = 1 << 22  # of a segment or section with a loadable segment; a real file needs some hundreds
_TABLES = {  # tag of an address -> (name, tag of the size in bytes, smallest size)
    DT_STRTAB: ("STRTAB", DT_STRSZ, 1),
    DT_SYMTAB: ("SYMTAB", None, 24),
    DT_HASH: ("HASH", None, 8),
    0x6FFFFEF5: ("GNU_HASH", None, 16),
    7: ("RELA", 8, 24),
    36: ("RELR", 35, 8),
    23: ("JMPREL", 2, 24),
    25: ("INIT_ARRAY", 27, 8),
    26: ("FINI_ARRAY", 28, 8),
    32: ("PREINIT_ARRAY", 33, 8),
    12: ("INIT", None, 1),
    13: ("FINI", None, 1),
    0x6FFFFFF0: ("VERSYM", None, 2),
    0x6FFFFFFE: ("VERNEED", None, 16),
    0x6FFFFFFC: ("VERDEF", None, 20),
}


def problems(file: BinaryIO, size: int) -> tuple[str, ...]:
    """Return what is unsound in the ELF file of ``size`` bytes, one sentence each; () when nothing is.

    Files of another class or byte order have no problems that this function would know.
    """
    try:
        file.seek(0)
        if file.read(6) != b"\x7fELF\x02\x01":
            return ()
        image = read_image(file, size)
    except UserError as error:
        return (str(error),)
    placed = len(image.segments) + len(image.sections)
    if placed * len(image.loads) > _COMPARISONS:
        return (f"it has {placed} segments and sections, {len(image.loads)} of them loadable: no linker makes so many",)
    found = (*_loads(image), *_segments(image), *_sections(image))
    return found + (tuple(_dynamic(file, image)) if image.dynamic else ())


def _loads(image: Image) -> Iterator[str]:
    for load in image.loads:
        place = f"loadable segment at {load.vaddr:#x}"
        if load.filesz and load.offset + load.filesz > image.size:  # split debug information has segments without bytes
            yield f"{place} ends behind the file"
        if load.memsz < load.filesz:
            yield f"{place} is smaller in memory than in the file"
        if load.align & (load.align - 1):
            yield f"{place} has alignment {load.align}, not a power of two"
        elif load.align and load.filesz and (load.offset - load.vaddr) % load.align:
            yield f"{place} is at {load.offset:#x} in the file, which its alignment {load.align:#x} forbids"
    for first, second in pairwise(image.loads):
        if second.vaddr < first.vaddr + first.memsz:
            yield f"loadable segments at {first.vaddr:#x} and {second.vaddr:#x} overlap or are not in order"


def _segments(image: Image) -> Iterator[str]:
    for segment in image.segments:
        if segment.type in (PT_LOAD, PT_GNU_STACK) or not segment.filesz:
            continue
        place = f"segment of type {segment.type:#x} at {segment.vaddr:#x}"
        mapped = 1 if segment.type == PT_GNU_RELRO else segment.filesz  # lld rounds the size of this one up
        if segment.offset + mapped > image.size:
            yield f"{place} ends behind the file"
        elif segment.flags and image.offset(segment.vaddr, mapped) != segment.offset:
            yield f"{place} is not where a loadable segment maps it"
        if segment.type == PT_PHDR and segment.filesz != len(image.segments) * SEGMENT.size:
            yield f"{place} is not the size of the program headers"
    if sum(segment.type == PT_DYNAMIC for segment in image.segments) > 1:
        yield "it has two dynamic sections"


def _dynamic(file: BinaryIO, image: Image) -> Iterator[str]:
    if all(tag != DT_NULL for tag, _ in image.dynamic):
        yield "its dynamic section has no end"
    for tag, (name, size_tag, smallest) in _TABLES.items():
        address = image.value(tag)
        size = smallest if size_tag is None else image.value(size_tag) or 0
        if address is not None and size and image.offset(address, size) is None:
            yield f"{name} ({size} bytes at {address:#x}) lies in no loadable segment"
    names = [(tag, value) for tag, value in image.tags if tag in _NAMED]
    missing = {value for value in sorted({value for _, value in names}) if not _has_string(file, image, value)}
    for tag, value in names:
        if value in missing:
            yield f"{_NAMED[tag]} is string {value}, which its string table does not have"


def _has_string(file: BinaryIO, image: Image, index: int) -> bool:
    try:
        read_string(file, image, index)
    except UserError:
        return False
    return True


def _sections(image: Image) -> Iterator[str]:
    outside, misplaced = [], []
    for n, section in enumerate(image.sections):
        if section.type in (SHT_NULL, SHT_NOBITS) or not section.size:
            continue
        if section.offset + section.size > image.size:
            outside.append(n)
        elif _is_misplaced(image, section):
            misplaced.append(n)
    if outside:
        yield f"sections {listed(outside)} end behind the file"
    if misplaced:
        yield f"sections {listed(misplaced)} are not where a loadable segment maps them"


def _is_misplaced(image: Image, section: Section) -> bool:
    if not section.flags & SHF_ALLOC or not image.loads:
        return False
    table = image.value(DT_STRTAB), image.value(DT_STRSZ)
    if section.type == SHT_STRTAB and table[0] is not None and (section.addr, section.size) != table:
        return True
    return image.offset(section.addr, section.size) != section.offset
