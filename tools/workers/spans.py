"""What the threads of a process were at, from when to when: for the trace of a run."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

_WINDOW = 100_000_000  # ns; shorter work of one kind that follows upon itself is one span
_GROWTH = 500  # the window is this part of the time since the beginning, at least: a long run has few spans, too
_GAP = 50  # the part of a window that may pass between two pieces of work that are told as one
_PAGE = os.sysconf("SC_PAGE_SIZE")  # bytes
_STATM = Path("/proc/self/statm")  # proc(5)


class Span(NamedTuple):
    """Something that a thread did. Times are of time.monotonic_ns: one clock for all processes of a machine."""

    thread: str
    name: str
    begin: int  # ns
    end: int  # ns
    cpu: int  # ns that the thread itself was at work
    size: int = 0  # bytes
    pieces: int = 1  # of work, told as one


class Sample(NamedTuple):
    """Memory that a process had for itself at a time."""

    at: int  # ns, of time.monotonic_ns
    private: int  # bytes


class Spans:
    """Spans of all threads of a process, until someone takes them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began = time.monotonic_ns()
        self._last: dict[str, Span] = {}  # thread -> what may grow yet
        self._done: list[Span] = []

    def add(self, span: Span) -> None:
        """Add a span; a short one continues the last one of its thread where that was short and of the same name."""
        window = max(_WINDOW, (span.end - self._began) // _GROWTH)
        with self._lock:
            last = self._last.get(span.thread)
            if last is None or not _continues(span, last, window):
                if last is not None:
                    self._done.append(last)
                self._last[span.thread] = span
                return
            thread, name, begin, _, cpu, size, count = last
            self._last[thread] = Span(
                thread, name, begin, span.end, cpu + span.cpu, size + span.size, count + span.pieces
            )

    @contextmanager
    def during(self, thread: str, name: str, size: int = 0) -> Iterator[None]:
        """Add a span for the block, which one thread runs."""
        cpu, begin = time.thread_time_ns(), time.monotonic_ns()
        try:
            yield
        finally:
            self.add(Span(thread, name, begin, time.monotonic_ns(), time.thread_time_ns() - cpu, size))

    def take(self) -> tuple[Span, ...]:
        """Return what nobody has taken yet."""
        with self._lock:
            taken = (*self._done, *self._last.values())
            self._done.clear()
            self._last.clear()
        return taken


def sample() -> Sample:
    """Return the memory that this process shares with no other now."""
    _, resident, shared, *_ = _STATM.read_text(encoding="ascii").split()
    return Sample(time.monotonic_ns(), (int(resident) - int(shared)) * _PAGE)


def _continues(span: Span, last: Span, window: int) -> bool:
    return span.name == last.name and span.end - last.begin <= window and 0 <= span.begin - last.end <= window // _GAP
