"""One pool of threads for all that keeps a core busy without the interpreter: hashing and compressing."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeAlias, TypeVar

Result = TypeVar("Result")
_Job: TypeAlias = tuple[Future[Any], Callable[[], Any]]


class Pool:
    """Threads that keep cores busy. They are daemons: an interrupted process does not wait for them."""

    def __init__(self, threads: int, gate: AbstractContextManager[object] | None = None) -> None:
        """Have up to so many threads, each begun when it is needed; each job is done with the ``gate`` held."""
        self._urgent: deque[_Job] = deque()
        self._others: deque[_Job] = deque()
        self._jobs = threading.Semaphore(0)  # counts both
        self._gate = gate or nullcontext()
        self._lock = threading.Lock()
        self._left = threads  # to be begun
        self._idle = 0  # threads that wait, less the jobs that wait for them

    def submit(self, job: Callable[[], Result], *, urgent: bool = False) -> Future[Result]:
        """Return the future of ``job``, which must not wait for another job. Urgent ones are done first."""
        future: Future[Result] = Future()
        (self._urgent if urgent else self._others).append((future, job))
        with self._lock:
            self._idle -= 1
            begin = self._idle < 0 < self._left
            if begin:
                self._left -= 1
                self._idle += 1
        if begin:
            threading.Thread(target=self._work, name="pool", daemon=True).start()
        self._jobs.release()
        return future

    def _work(self) -> None:
        while True:
            self._jobs.acquire()
            try:
                job = self._urgent.popleft()
            except IndexError:
                job = self._others.popleft()
            with self._gate:
                _run(*job)
            del job  # and with it the result, which may be large
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
