"""Memory that each thread uses again and again: the kernel clears fresh memory, which takes as long as to fill it."""

from __future__ import annotations

import threading
from contextlib import suppress
from mmap import MADV_HUGEPAGE, MAP_ANONYMOUS, MAP_PRIVATE, mmap

from tools.wheel.limits import BUDGET
from tools.workers.pool import cores

SCRATCH = BUDGET // max(4, cores())  # bytes that a thread may keep; all of them together no more than the budget


class _Scratch(threading.local):
    pages: memoryview | None = None


_OF_THREAD = _Scratch()


def room(size: int) -> memoryview:
    """Return ``size`` bytes of any content, good until this thread asks again.

    What is larger than what a thread keeps gets memory of its own.
    """
    if size > SCRATCH:
        return _pages(size)
    if _OF_THREAD.pages is None:
        _OF_THREAD.pages = _pages(SCRATCH)  # address space; the kernel gives memory for what is used
    return _OF_THREAD.pages[:size]


def _pages(size: int) -> memoryview:
    pages = mmap(-1, size, flags=MAP_PRIVATE | MAP_ANONYMOUS)
    with suppress(OSError):  # a kernel without huge pages (madvise(2))
        pages.madvise(MADV_HUGEPAGE)
    return memoryview(pages)
