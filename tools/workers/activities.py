"""What the threads of a process were at, from when to when: for the trace of a run."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

_WINDOW = 100_000_000  # ns; shorter work of one kind that follows upon itself is one activity
_GROWTH = 500  # the window is this part of the time since the beginning, at least: a long run has few activities, too
_GAP = 50  # the part of a window that may pass between two pieces of work that are told as one
_PAGE = os.sysconf("SC_PAGE_SIZE")  # bytes
_STATM = Path("/proc/self/statm")  # proc(5)


class Activity(NamedTuple):
    """Something that a thread did. Times are of time.monotonic_ns: one clock for all processes of a machine."""

    thread: str
    name: str
    begin: int  # ns
    end: int  # ns
    cpu: int  # ns that the thread itself was at work
    size: int = 0  # bytes
    pieces: int = 1


class Sample(NamedTuple):
    """Memory that a process had for itself at a time."""

    at: int  # ns, of time.monotonic_ns
    private: int  # bytes


class Activities:
    """Activities of all threads of a process, until someone takes them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began = time.monotonic_ns()
        self._last: dict[str, Activity] = {}  # thread -> what may grow yet
        self._done: list[Activity] = []

    def add(self, activity: Activity) -> None:
        """Add an activity; a short one continues the last one of its thread, if that was short and has its name."""
        window = max(_WINDOW, (activity.end - self._began) // _GROWTH)
        with self._lock:
            last = self._last.get(activity.thread)
            if last is None or not _continues(activity, last, window):
                if last is not None:
                    self._done.append(last)
                self._last[activity.thread] = activity
                return
            thread, name, begin, _, cpu, size, pieces = last
            self._last[thread] = Activity(
                thread, name, begin, activity.end, cpu + activity.cpu, size + activity.size, pieces + activity.pieces
            )

    @contextmanager
    def during(self, thread: str, name: str, size: int = 0) -> Iterator[None]:
        """Add an activity for the block, which one thread runs."""
        cpu, begin = time.thread_time_ns(), time.monotonic_ns()
        try:
            yield
        finally:
            self.add(Activity(thread, name, begin, time.monotonic_ns(), time.thread_time_ns() - cpu, size))

    def take(self) -> tuple[Activity, ...]:
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


def _continues(activity: Activity, last: Activity, window: int) -> bool:
    return (
        activity.name == last.name
        and activity.end - last.begin <= window
        and 0 <= activity.begin - last.end <= window // _GAP
    )
