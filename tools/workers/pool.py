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
TOGETHER = 3  # jobs at a time that are mostly Python: more of them in one process only hinder each other
_Job: TypeAlias = tuple[Future[Any], Callable[[], Any]]


class Pool:
    """Threads that keep cores busy. They are daemons: an interrupted process does not wait for them."""

    def __init__(self, threads: int, gate: AbstractContextManager[object] | None = None) -> None:
        """Have up to so many threads, each begun when it is needed; each job is done with the ``gate`` held."""
        self._python: deque[_Job] = deque()
        self._urgent: deque[_Job] = deque()
        self._others: deque[_Job] = deque()
        self._gate = gate or nullcontext()
        self._change = threading.Condition()
        self._left = threads  # to be begun
        self._waiting = 0  # threads
        self._in_python = 0  # threads

    def submit(self, job: Callable[[], Result], *, urgent: bool = False, mostly_python: bool = False) -> Future[Result]:
        """Return the future of ``job``, which must not wait for another job. Urgent ones are done first.

        Those before them that are ``mostly_python``, a few at a time.
        """
        future: Future[Result] = Future()
        queue = self._python if mostly_python else self._urgent if urgent else self._others
        with self._change:
            queue.append((future, job))
            begin = self._left > 0 and self._waiting < self._ready()
            self._left -= begin
            self._change.notify()
        if begin:
            threading.Thread(target=self._work, name="pool", daemon=True).start()
        return future

    def _ready(self) -> int:
        """Return how many jobs could be done now."""
        return len(self._urgent) + len(self._others) + min(len(self._python), TOGETHER - self._in_python)

    def _work(self) -> None:
        while True:
            job, is_python = self._take()
            with self._gate:
                _run(*job)
            del job  # and with it the result, which may be large
            if is_python:
                with self._change:
                    self._in_python -= 1

    def _take(self) -> tuple[_Job, bool]:
        """Wait for the next job and return it, and whether it is mostly Python."""
        with self._change:
            while self._ready() == 0:
                self._waiting += 1
                self._change.wait()
                self._waiting -= 1
            if self._python and self._in_python < TOGETHER:
                self._in_python += 1
                return self._python.popleft(), True
            return (self._urgent or self._others).popleft(), False


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
