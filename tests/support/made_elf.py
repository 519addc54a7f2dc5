"""ELF libraries that no linker makes: tables only, as many and as scattered as a test asks for."""

from __future__ import annotations

from collections.abc import Sequence

from tools.elf.image import (
    DT_NEEDED,
    DT_NULL,
    DT_STRSZ,
    DT_STRTAB,
    ENTRY,
    HEADER,
    PT_DYNAMIC,
    PT_LOAD,
    SECTION,
    SEGMENT,
    SHF_ALLOC,
    SHT_PROGBITS,
)


def made_elf(
    needed: Sequence[str] = (), *, slots: int = 1, sections: int = 0, loads: int = 1, entries: Sequence[bytes] = ()
) -> bytes:
    """Return a library that needs others, with free slots behind its dynamic entries, and sections of a byte each.

    ``loads`` are equal loadable segments; ``entries`` are further ones of the dynamic section.
    """
    sections_at = HEADER.size + (loads + 1) * SEGMENT.size
    dynamic_at = sections_at + sections * SECTION.size
    strings_at = dynamic_at + (len(needed) + len(entries) + 2 + slots) * ENTRY.size
    strings, names = b"\0", []
    for name in needed:
        names.append(ENTRY.pack(DT_NEEDED, len(strings)))
        strings += name.encode() + b"\0"
    size = strings_at + len(strings)
    table = [ENTRY.pack(DT_STRTAB, strings_at), ENTRY.pack(DT_STRSZ, len(strings)), *names, *entries]
    dynamic = b"".join(table) + ENTRY.pack(DT_NULL, 0) * slots
    ident = b"\x7fELF\2\1\1".ljust(16, b"\0")
    header = HEADER.pack(
        ident, 3, 62, 1, 0, HEADER.size, sections_at if sections else 0, 0, 64, 56, loads + 1, 64, sections, 0
    )
    segments = SEGMENT.pack(PT_LOAD, 5, 0, 0, 0, size, size, 4096) * loads
    segments += SEGMENT.pack(PT_DYNAMIC, 6, dynamic_at, dynamic_at, dynamic_at, len(dynamic), len(dynamic), 8)
    return (
        header + segments + SECTION.pack(0, SHT_PROGBITS, SHF_ALLOC, 0, 0, 1, 0, 0, 1, 0) * sections + dynamic + strings
    )
