"""The RPATH of an ELF file, changed by a few edits instead of a rewrite (ld.so(8), gABI chapter 5).

DT_RPATH and never DT_RUNPATH: LD_LIBRARY_PATH does not override the first.
"""

from __future__ import annotations

from typing import BinaryIO

from tools.elf.dynamic import encode, path_indexes, with_rpath
from tools.elf.image import (
    DT_FLAGS_1,
    DT_NULL,
    PT_DYNAMIC,
    PT_INTERP,
    Image,
    damaged,
    read_image,
)
from tools.elf.move import moved
from tools.elf.patch import Patch
from tools.elf.strings import is_shared, read_string, string_table
from tools.errors import UserError

_KINDS = (2, 3)  # e_type ET_EXEC and ET_DYN
_MACHINES = (62, 183)  # e_machine EM_X86_64 and EM_AARCH64
_PIE = 0x08000000  # DF_1_PIE


def plan_rpath(file: BinaryIO, size: int, rpath: str) -> Patch:
    """Return the edit after which DT_RPATH is ``rpath`` and there is no DT_RUNPATH; "" removes both.

    A file that is right already has no edits. An existing string is overwritten if it is long enough and no
    other name shares its bytes; else the last loadable segment moves to the end of the file and grows there.

    :raises UserError: when the file is damaged, or has no dynamic section, or there is no way to make room.
    """
    wanted = rpath.encode()
    if b"\0" in wanted:
        raise UserError(f"cannot have the RPATH {rpath!r}: it contains a NUL character")
    image = read_image(file, size)
    _check_editable(image)
    if not wanted:
        return _in_place(image, None)
    strings = {index: read_string(file, image, index) for index in path_indexes(image)}
    for index, text in strings.items():
        if text == wanted:
            return _in_place(image, index)
    for index, text in strings.items():
        if len(text) >= len(wanted) and not is_shared(file, image, index, index + len(text)):
            return _in_place(image, index, wanted.ljust(len(text), b"\0"))
    return moved(image, wanted)


def _check_editable(image: Image) -> None:
    if image.machine not in _MACHINES or image.type not in _KINDS:
        raise UserError(
            "is no program or shared library for x86-64 or AArch64, so that its RPATH cannot be changed "
            f"(e_machine {image.machine}, e_type {image.type})"
        )
    segment = image.dynamic_segment
    if segment is None:
        raise UserError("has no dynamic section, so that it cannot have an RPATH")
    if (image.value(DT_FLAGS_1) or 0) & _PIE and all(s.type != PT_INTERP for s in image.segments):
        raise UserError("is a static program: no loader reads its RPATH")
    if all(tag != DT_NULL for tag, _ in image.dynamic):
        raise damaged("its dynamic section has no end")
    if [s.type for s in image.segments].count(PT_DYNAMIC) > 1:
        raise damaged("it has two dynamic sections")
    if image.offset(segment.vaddr, segment.filesz) != segment.offset:
        raise damaged("its dynamic section lies in no loadable segment")


def _in_place(image: Image, index: int | None, string: bytes = b"") -> Patch:
    edits = []
    entries = with_rpath(image, index)
    if entries != image.tags:
        assert image.dynamic_segment
        edits.append((image.dynamic_segment.offset, encode(image, entries)))
    if string and index is not None:
        edits.append((string_table(image)[0] + index, string))
    return Patch(source_size=image.size, edits=tuple(sorted(edits)))
