"""The dynamic section as a list of entries, with or without an RPATH."""

from __future__ import annotations

from collections.abc import Sequence

from tools.elf.image import DT_NULL, DT_RPATH, DT_RUNPATH, ENTRY, Image

Entry = tuple[int, int]  # (tag, value)
_PATHS = (DT_RPATH, DT_RUNPATH)


def path_indexes(image: Image) -> tuple[int, ...]:
    """Return where in .dynstr RPATH and RUNPATH stand, RPATH first; of several, the one that counts."""
    indexes = (image.value(tag) for tag in _PATHS)
    return tuple(dict.fromkeys(index for index in indexes if index is not None))


def with_rpath(image: Image, index: int | None) -> tuple[Entry, ...]:
    """Return the entries with one DT_RPATH at ``index`` of .dynstr and no DT_RUNPATH; None: with neither.

    It takes the place of the first one that was there, so that the order of the others stays.
    """
    entries: list[Entry] = []
    for tag, value in image.tags:
        if tag not in _PATHS:
            entries.append((tag, value))
        elif index is not None:
            entries.append((DT_RPATH, index))
            index = None
    return (*entries, (DT_RPATH, index)) if index is not None else tuple(entries)


def fits(image: Image, entries: Sequence[Entry]) -> bool:
    """Say whether ``entries`` and an end mark have room where the dynamic section lies."""
    return len(entries) <= len(image.tags) or dict(enumerate(image.dynamic)).get(len(entries), (1, 0))[0] == 0


def encode(image: Image, entries: Sequence[Entry]) -> bytes:
    """Return the bytes of ``entries`` and end marks, never fewer than the old entries and their end mark."""
    marks = max(1, len(image.tags) + 1 - len(entries))
    return b"".join(ENTRY.pack(*entry) for entry in (*entries, *[(DT_NULL, 0)] * marks))
