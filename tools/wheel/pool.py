"""One pool of threads and one budget of memory for all wheels that this process builds at a time."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from typing import Any, TypeAlias, TypeVar

from tools.wheel.limits import BUDGET

Result = TypeVar("Result")
_Job: TypeAlias = tuple[Future[Any], Callable[[], Any]]


class Pool:
    """Threads that keep cores busy. They are daemons: an interrupted process does not wait for them."""

    def __init__(self, threads: int) -> None:
        self._urgent: deque[_Job] = deque()
        self._others: deque[_Job] = deque()
        self._jobs = threading.Semaphore(0)  # counts both
        for number in range(threads):
            threading.Thread(target=self._work, name=f"deflate-{number}", daemon=True).start()

    def submit(self, job: Callable[[], Result], *, urgent: bool = False) -> Future[Result]:
        """Return the future of ``job``, which must not wait for another job. Urgent ones are done first."""
        future: Future[Result] = Future()
        (self._urgent if urgent else self._others).append((future, job))
        self._jobs.release()
        return future

    def _work(self) -> None:
        while True:
            self._jobs.acquire()
            try:
                job = self._urgent.popleft()
            except IndexError:
                job = self._others.popleft()
            _run(*job)
            del job  # and with it the result, which may be large


def _run(future: Future[Any], job: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = job()
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(result)


class Budget:
    """Bytes that may be in memory. Whoever holds some of it must never wait for more of it."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._size = size
        self._change = threading.Condition()

    def try_take(self, amount: int) -> bool:
        """Take ``amount`` if it is free; say whether."""
        with self._change:
            if self._free < min(amount, self._size):
                return False
            self._free -= amount
            return True

    def take(self, amount: int) -> None:
        """Wait for ``amount`` and take it. Only for those who hold nothing."""
        with self._change:
            self._change.wait_for(lambda: self._free >= min(amount, self._size))
            self._free -= amount

    def overdraw(self, amount: int) -> None:
        """Take ``amount`` even if it is not free: for what others may be waiting for, one piece at a time."""
        with self._change:
            self._free -= amount

    def give(self, amount: int) -> None:
        """Return ``amount``."""
        with self._change:
            self._free += amount
            self._change.notify_all()


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


@cache
def pool(threads: int) -> Pool:
    """Return the process's pool of so many threads."""
    return Pool(threads)


BUDGET_OF_PROCESS = Budget(BUDGET)
