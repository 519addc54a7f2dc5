"""How far a run is: wheels made and to be made, and the bytes in them."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rules.engines.engine import Engine
from rules.reporting.text import time_text
from rules.reporting.transfer import Transfer
from tools.plan.outline import read_outline
from tools.text import size_text

STEADY = 2.0  # seconds of work before a rate means something
WINDOW = 60  # changes of the count that the rate is taken over: 15 seconds, longer where members are large


class Tally:
    """Counts the wheels of one run. Written by the reporter, read by the live view's thread."""

    def __init__(self, engine: Engine) -> None:
        self._progress, self._where = engine.progress, engine.where
        self.running: dict[str, float] = {}  # task -> when it began; in the order they did
        self._waiting: dict[str, Path] = {}  # wheel task -> the outline of its plan
        self._weights: dict[str, int] = {}  # the same -> bytes of its members
        self._total = 0
        self._began = math.inf  # the first task
        self._counted: deque[tuple[float, int]] = deque(maxlen=WINDOW)  # when, and the bytes done by then
        self._transfer = Transfer()
        self._before = self._progress()  # what this process had done already

    def expect(self, tasks: Mapping[str, Any], selected: Iterable[str]) -> None:
        """Learn which wheels the run may make."""
        for task in closure(tasks, selected):
            if outline := (task.meta or {}).get("outline"):
                self._waiting[task.name] = outline
        self._total = len(self._waiting)

    def begin(self, name: str) -> None:
        """Note that a task begins."""
        self.running[name] = now = time.monotonic()
        self._began = min(self._began, now)

    def skip(self, name: str) -> None:
        """Note that a task has nothing to do."""
        self._waiting.pop(name, None)
        self._weights.pop(name, None)

    def end(self, name: str) -> float:
        """Note that a task is over and return how long it took (seconds)."""
        self._waiting.pop(name, None)
        return time.monotonic() - self.running.pop(name, time.monotonic())

    def elapsed(self) -> float:
        """Return how long ago the first task began (seconds)."""
        return time.monotonic() - self._began

    @property
    def left(self) -> int:
        """The wheels that the run was to make or look at and that are not over."""
        return len(self._waiting)

    def lines(self) -> Iterator[str]:
        """Yield what a live view shows now."""
        counts = self._progress()
        parts = [f"wheels {self._total - self.left}/{self._total}"] if self._total else []
        if counts.bytes_compressed or counts.bytes_reused:
            parts.append(f"{size_text(counts.bytes_compressed)} compressed")
            parts.append(f"{size_text(counts.bytes_reused)} reused")
        done = counts.bytes_compressed + counts.bytes_reused
        if rate := self._rate(done, counts.bytes_under_way):
            parts.append(f"{size_text(rate)}/s")
            if (left := self._bytes_to_do() - done) > 0:
                parts.append(f"{time_text(left / rate)} left")
        yield "   ".join([*parts, *self._transfer.parts(counts)])
        yield from (f"  waiting {line}" for line in counts.waiting)
        yield from (f"  {name}" for name in tuple(self.running))

    def news(self) -> Iterator[str]:
        """Yield what a log is told from time to time."""
        yield from self._transfer.news(self._progress())

    def fetched(self) -> str:
        """Return how many bytes of archives came; "" when none did."""
        count = self._progress().bytes_fetched - self._before.bytes_fetched
        return f"{count:,} bytes fetched" if count else ""

    def stored(self) -> str:
        """Return how many bytes came from the store and went there; "" when none did."""
        now, before = self._progress(), self._before
        taken, given = now.bytes_taken - before.bytes_taken, now.bytes_given - before.bytes_given
        return f"store: {taken:,} bytes taken, {given:,} given" if taken or given else ""

    def work(self) -> str:
        """Return what was compressed and what was not; "" when no wheel was made."""
        now, before = self._progress(), self._before
        compressed = now.members_compressed - before.members_compressed
        reused = now.members_reused - before.members_reused
        read = now.bytes_read - before.bytes_read
        if not compressed and not reused:
            return ""
        where = f"; {self._where()}" if self._where() else ""
        return f"{compressed} members compressed, {read} bytes read for them; {reused} members reused{where}"

    def _rate(self, done: int, under_way: int) -> float:
        """Return the bytes a second of late, 0 while that means nothing.

        A large member counts when it is compressed, which may take half a minute. So there is no rate while what is
        under way would more than double it, nor when nothing was counted for as long as it is taken over.
        """
        now = time.monotonic()
        if done and (not self._counted or done != self._counted[-1][1]):
            self._counted.append((now, done))
        if not self._counted:
            return 0.0
        (since, before), (last, _) = self._counted[0], self._counted[-1]
        is_steady = last - since >= STEADY and now - last <= last - since and under_way <= done - before
        return (done - before) / (now - since) if is_steady else 0.0

    def _bytes_to_do(self) -> int:
        """Return the bytes of all wheels that the run made and may have to make, as far as their plans are there."""
        for name, outline in tuple(self._waiting.items()):
            if name not in self._weights and (found := read_outline(outline)):
                self._weights[name] = found.bytes
        return sum(self._weights.values())


def closure(tasks: Mapping[str, Any], selected: Iterable[str]) -> Iterator[Any]:
    """Yield every selected task and every one before it, once."""
    seen: set[str] = set()
    todo = list(selected)
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            yield tasks[name]
            todo.extend(tasks[name].task_dep)
