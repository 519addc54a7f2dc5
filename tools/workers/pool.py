"""One pool of threads for all that keeps a core busy without the interpreter: hashing and compressing."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeAlias, TypeVar

from tools.workers.activities import Activities

Result = TypeVar("Result")
_Job: TypeAlias = tuple[Future[Any], Callable[[], Any], str, int]  # step and bytes, for the trace


class Pool:
    """Threads that keep cores busy. They are daemons: an interrupted process does not wait for them."""

    def __init__(
        self, threads: int, gate: AbstractContextManager[object] | None = None, activities: Activities | None = None
    ) -> None:
        """Have up to so many threads, each begun when it is needed; each job is done with the ``gate`` held.

        ``activities`` hears what the threads were at.
        """
        self._urgent: deque[_Job] = deque()
        self._others: deque[_Job] = deque()
        self._jobs = threading.Semaphore(0)  # counts both
        self._gate = gate or nullcontext()
        self._activities = activities or Activities()
        self._lock = threading.Lock()
        self._left = threads  # to be begun
        self._begun = 0
        self._idle = 0  # threads that wait, less the jobs that wait for them

    def submit(
        self, job: Callable[[], Result], *, urgent: bool = False, step: str = "work", size: int = 0
    ) -> Future[Result]:
        """Return the future of ``job``, which must not wait for another job. Urgent ones are done first.

        A trace tells it as ``step`` with ``size`` bytes.
        """
        future: Future[Result] = Future()
        (self._urgent if urgent else self._others).append((future, job, step, size))
        with self._lock:
            self._idle -= 1
            begin = self._idle < 0 < self._left
            if begin:
                self._left -= 1
                self._idle += 1
                self._begun += 1
                name = f"pool {self._begun}"
        if begin:
            threading.Thread(target=self._work, name=name, daemon=True).start()
        self._jobs.release()
        return future

    def _work(self) -> None:
        thread = threading.current_thread().name
        while True:
            self._jobs.acquire()
            try:
                future, job, step, size = self._urgent.popleft()
            except IndexError:
                future, job, step, size = self._others.popleft()
            with self._gate, self._activities.during(thread, step, size):
                _run(future, job)
            del future, job  # and with them the result, which may be large
            with self._lock:
                self._idle += 1


def _run(future: Future[Any], job: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = job()
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(result)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))
