"""The worker processes of this machine, seen from the process that hands jobs to them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from rules.engines.engine import Recorded
from rules.engines.queue import Job, Queue
from tools.errors import UserError
from tools.workers.activities import Activity
from tools.workers.messages import Counted, Raised, Traced
from tools.workers.progress import Counts

PATIENCE = 10.0  # seconds for processes that were told to end; they need a hundredth on a machine that is not busy


class WorkerLost(UserError):
    """A worker process ended in the middle of a job."""


class WorkerProcesses:
    """The processes, and a thread here for each of them."""

    def __init__(self, count: int, held: Sequence[int], during: Callable[[str], AbstractContextManager[None]]) -> None:
        """Begin none yet; ``held`` stays open in each, and ``during`` hears what threads here are at."""
        self.queue, self.during = Queue(), during
        self.each: list[_Worker] = []
        self.have_lost_a_job = False
        self._alive = os.pipe()  # the workers' end of it ends with this process
        self._ended = os.pipe()
        self._begun = os.pipe()  # a byte a worker
        self._pairs = [Pipe() for _ in range(count)]
        theirs = [self._alive[0], self._ended[1], *(there.fileno() for _, there in self._pairs)]
        command = [sys.executable, "-m", "tools.workers.server", *map(str, theirs[:2]), str(count)]
        with _sigint_blocked():  # Ctrl-C reaches the whole group; the server ignores it as soon as it can
            self._server = subprocess.Popen(
                [*command, *map(str, theirs[2:])], pass_fds=[*theirs, *held], stdin=self._begun[0]
            )
        for number in (self._alive[0], self._ended[1], self._begun[0]):
            os.close(number)
        for _, there in self._pairs:
            there.close()
        self._codes: dict[int, int] = {}  # worker -> exit code, negative for a signal; in the order they ended
        self._code_is_known = threading.Condition()
        self._has_ended = False
        self._change = threading.Lock()  # of the workers that there are
        self._listener = threading.Thread(target=self._hear_of_ends, daemon=True)
        self._listener.start()

    def submit(self, job: Job) -> Future[Any]:
        """Return the future of a job, and begin another worker if there is work for it."""
        self.queue.put(job)
        with self._change:
            coming = sum(not worker.is_there for worker in self.each)
            if len(self.each) < len(self._pairs) and (not self.each or self.queue.needs_more(coming)):
                self._begin(len(self.each))
        return job.future

    def _begin(self, number: int) -> None:
        if not self._has_ended:
            with suppress(BrokenPipeError):  # the server is gone, as will be told of the job that the worker takes
                os.write(self._begun[1], b"+")
        self.each.append(_Worker(number, self._pairs[number][0], self))

    def lost(self, number: int, job: Job) -> WorkerLost:
        """Return what to say of a job whose worker is gone, and end the others: what it held they may wait for."""
        self.have_lost_a_job = True
        with self._code_is_known:
            self._code_is_known.wait_for(lambda: number in self._codes, PATIENCE)
            first = next(iter(self._codes), number)
            code = self._codes.get(number)
        self.queue.close(WorkerLost("not begun, since a worker process was lost"))
        self.end()
        if first != number:
            return WorkerLost("not finished, since another worker process was lost")
        memory = "; the kernel does so when memory runs out: run again with a smaller jobs=... or engine=inline"
        return WorkerLost(f"its worker process {_how(code)}{memory if code == -9 else '; run again'}")

    def end(self) -> None:
        """Let the workers find that nobody is there, and wait a moment for the last of them to end."""
        with self._change:
            if not self._has_ended:  # else the numbers may be those of other files by now
                os.close(self._alive[1])
                os.close(self._begun[1])
            self._has_ended = True
        with suppress(subprocess.TimeoutExpired):
            self._server.wait(PATIENCE)
            if threading.current_thread() is not self._listener:
                self._listener.join(PATIENCE)

    def _hear_of_ends(self) -> None:
        with os.fdopen(self._ended[0], encoding="ascii") as lines:
            for line in lines:
                number, code = map(int, line.split())
                with self._code_is_known:
                    self._codes.setdefault(number, code)
                    self._code_is_known.notify_all()
        self.end()  # the server is gone, by itself or killed: in that case there still are workers


class _Worker:
    """One process, seen from here."""

    def __init__(self, number: int, connection: Connection, workers: WorkerProcesses) -> None:
        self.counts = Counts()
        self.recorded, self.waits = Recorded(), list[Activity]()
        self.is_there = False  # to take a job
        self._number, self._connection, self._workers = number, connection, workers
        threading.Thread(target=self._serve, name=f"for worker {number + 1}", daemon=True).start()

    def _serve(self) -> None:
        self.is_there = True
        while job := self._workers.queue.take():
            try:
                with self._workers.during(job.name):  # sends it, and hears of it
                    finish = self._run(job)
            except (EOFError, OSError):
                finish = partial(job.future.set_exception, self._workers.lost(self._number, job))
            except Exception as error:  # a request that does not pickle
                finish = partial(job.future.set_exception, error)
            self._workers.queue.done(job)
            finish()

    def _run(self, job: Job) -> Callable[[], None]:
        """Have the job done and return what makes its outcome known."""
        self.waits.append(Activity("", job.name, job.submitted, time.monotonic_ns(), 0))
        self._connection.send((job.action, job.request, job.name))
        while isinstance(message := self._connection.recv(), Counted | Traced):
            if isinstance(message, Counted):
                self.counts = message.counts
            else:
                self.recorded.activities += message.activities
                self.recorded.samples.append(message.sample)
        if isinstance(message, Raised):
            return partial(job.future.set_exception, message.error)
        return partial(job.future.set_result, message.value)


def _how(code: int | None) -> str:
    """Return how a process ended, from its exit code; None when nobody can tell."""
    if code is None:
        return "is gone"
    return f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"


@contextmanager
def _sigint_blocked() -> Iterator[None]:
    """Let a process that this thread starts in the block begin with Ctrl-C held back."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
