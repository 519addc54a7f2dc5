"""Jobs that wait for a worker process, and which of them comes next."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from rules.engines.engine import Load

LARGE = 0.03  # seconds of work: what it takes to begin a worker
SHARED = 0.2  # part of a job's contents; beyond it the job waits for one that compresses the same contents now


@dataclass(eq=False)
class Job:
    """An action with its request, and what becomes of it."""

    action: Callable[[Any, Any], Any]
    request: Any
    load: Load
    name: str = ""  # in the trace
    submitted: int = field(default_factory=time.monotonic_ns)  # ns
    future: Future[Any] = field(default_factory=Future)


class Queue:
    """Hands out the jobs that others wait for first, then by size, the largest first.

    A job is held back while a job that shares contents with it is at work. It then takes these out of the finished
    wheel, where now both would compress them; the job at work keeps all cores busy meanwhile. It is not held back if
    a job that is over shares as much with it.
    """

    def __init__(self) -> None:
        self._waiting: list[Job] = []
        self._running: list[Job] = []
        self._over: list[Job] = []
        self._parts: dict[tuple[Job, Job], float] = {}  # what was found out of two jobs
        self._change = threading.Condition()
        self._takers = 0  # threads that wait for a job
        self._closed: Exception | None = None  # why

    def put(self, job: Job) -> None:
        """Add a job; one that comes to a closed queue fails at once."""
        with self._change:
            if self._closed:
                job.future.set_exception(self._closed)
                return
            self._waiting.append(job)
            self._waiting.sort(key=lambda job: (job.load.rank, -job.load.seconds))
            self._change.notify()

    def take(self) -> Job | None:
        """Wait for a job that may begin, and return it; None when the queue is closed."""
        with self._change:
            while not self._closed:
                if job := next(filter(self._may_begin, self._waiting), None):
                    self._waiting.remove(job)
                    self._running.append(job)
                    return job
                self._takers += 1
                self._change.wait()
                self._takers -= 1
        return None

    def needs_more(self, coming: int) -> bool:
        """Say whether there is work for one more taker than those who wait now and those who are ``coming``."""
        with self._change:
            seconds = [job.load.seconds for job in self._waiting]
            large = sum(one >= LARGE for one in seconds)
            small = sum(one for one in seconds if one < LARGE)
            return large + (small >= LARGE) > self._takers + coming

    def done(self, job: Job) -> None:
        """Hear that a job is over: what shares contents with it may begin."""
        with self._change:
            self._running.remove(job)
            if job.load.outline:
                self._over.append(job)
            self._change.notify_all()

    def close(self, reason: Exception) -> None:
        """Let what waits fail with ``reason``, and hand out nothing more."""
        with self._change:
            self._closed = self._closed or reason
            for job in self._waiting:
                job.future.set_exception(self._closed)
            self._waiting.clear()
            self._change.notify_all()

    def _may_begin(self, job: Job) -> bool:
        shared = max((self._shared(job, other) for other in self._running), default=0.0)
        return shared < SHARED or any(self._shared(job, other) >= shared for other in self._over)

    def _shared(self, job: Job, other: Job) -> float:
        part = self._parts.get((job, other))
        if part is None:
            part = self._parts[job, other] = job.load.shared_with(other.load)
        return part
