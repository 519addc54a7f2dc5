"""A buffer for each thread, used again and again: fresh memory costs the kernel as much as reading the file."""

from __future__ import annotations

import threading

from tools.wheel.limits import SCRATCH


class _Scratch(threading.local):
    buffer = bytearray()


_OF_THREAD = _Scratch()


def room(size: int) -> memoryview:
    """Return ``size`` bytes of this thread's buffer, good until the thread asks again.

    A large size gets memory of its own, which nobody keeps.
    """
    if size > SCRATCH:
        return memoryview(bytearray(size))
    if len(_OF_THREAD.buffer) < size:
        _OF_THREAD.buffer = bytearray(min(SCRATCH, 2 * size))
    return memoryview(_OF_THREAD.buffer)[:size]


def more_room(content: memoryview, size: int) -> memoryview:
    """Return ``size`` bytes that begin with ``content``, which :func:`room` gave: where it lies if there is room."""
    whole = memoryview(content.obj)
    if len(whole) < size:
        whole = memoryview(bytearray(size))
        whole[: len(content)] = content
    return whole[:size]
