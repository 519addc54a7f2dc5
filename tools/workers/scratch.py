"""Memory that each thread uses again and again: the kernel clears fresh memory, which takes as long as to fill it."""

from __future__ import annotations

import threading
from contextlib import suppress
from mmap import MADV_HUGEPAGE, MAP_ANONYMOUS, MAP_PRIVATE, mmap


class Scratch(threading.local):
    """Pages of the calling thread, made when it first asks."""

    def __init__(self, limit: int) -> None:
        """Let each thread keep ``limit`` bytes."""
        self._limit = limit
        self._kept: memoryview | None = None

    def room(self, size: int) -> memoryview:
        """Return ``size`` bytes of any content, good until this thread asks again.

        What is larger than what a thread keeps gets memory of its own.
        """
        if size > self._limit:
            return _pages(size)
        if self._kept is None:
            self._kept = _pages(self._limit)  # address space; the kernel gives memory for what is used
        return self._kept[:size]


def _pages(size: int) -> memoryview:
    pages = mmap(-1, size, flags=MAP_PRIVATE | MAP_ANONYMOUS)
    with suppress(OSError):  # a kernel without huge pages (madvise(2))
        pages.madvise(MADV_HUGEPAGE)
    return memoryview(pages)
