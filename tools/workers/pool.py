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
TOGETHER = 3  # pieces of work at a time that are mostly Python: more of them in one process only hinder each other
_Piece: TypeAlias = tuple[Future[Any], Callable[[], Any], str, int]  # step and bytes, for the trace


class Pool:
    """Threads that keep cores busy. They are daemons: an interrupted process does not wait for them."""

    def __init__(
        self, threads: int, gate: AbstractContextManager[object] | None = None, activities: Activities | None = None
    ) -> None:
        """Have up to so many threads, each begun when it is needed; each piece of work is done with the ``gate`` held.

        ``activities`` hears what the threads were at.
        """
        self._python: deque[_Piece] = deque()
        self._urgent: deque[_Piece] = deque()
        self._others: deque[_Piece] = deque()
        self._gate = gate or nullcontext()
        self._activities = activities or Activities()
        self._change = threading.Condition()
        self._left = threads  # to be begun
        self._begun = 0
        self._waiting = 0  # threads
        self._in_python = 0  # threads

    def submit(
        self,
        work: Callable[[], Result],
        *,
        urgent: bool = False,
        mostly_python: bool = False,
        step: str = "work",
        size: int = 0,
    ) -> Future[Result]:
        """Return the future of ``work``, which must not wait for other work. Urgent ones are done first.

        Those before them that are ``mostly_python``, a few at a time. A trace tells it as ``step`` with ``size`` bytes.
        """
        future: Future[Result] = Future()
        queue = self._python if mostly_python else self._urgent if urgent else self._others
        with self._change:
            queue.append((future, work, step, size))
            begin = self._left > 0 and self._waiting < self._ready()
            self._left -= begin
            self._begun += begin
            name = f"pool {self._begun}"
            self._change.notify()
        if begin:
            threading.Thread(target=self._work, name=name, daemon=True).start()
        return future

    def _ready(self) -> int:
        """Return how many pieces of work could be done now."""
        return len(self._urgent) + len(self._others) + min(len(self._python), TOGETHER - self._in_python)

    def _work(self) -> None:
        thread = threading.current_thread().name
        while True:
            (future, work, step, size), is_python = self._take()
            with self._gate, self._activities.during(thread, step, size):
                _run(future, work)
            del future, work  # and with them the result, which may be large
            if is_python:
                with self._change:
                    self._in_python -= 1

    def _take(self) -> tuple[_Piece, bool]:
        """Wait for the next piece of work and return it, and whether it is mostly Python."""
        with self._change:
            while self._ready() == 0:
                self._waiting += 1
                self._change.wait()
                self._waiting -= 1
            if self._python and self._in_python < TOGETHER:
                self._in_python += 1
                return self._python.popleft(), True
            return (self._urgent or self._others).popleft(), False


def _run(future: Future[Any], work: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = work()
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(result)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))
