"""The worker processes of this machine, and the jobs that wait for them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from rules.engines.engine import Recorded
from rules.engines.queue import Job, Queue
from tools.errors import UserError
from tools.workers.activities import Activity
from tools.workers.group import Group
from tools.workers.messages import Counted, Lost, Raised, Returned, Traced
from tools.workers.progress import Counts


class WorkerLost(UserError):
    """A worker process ended in the middle of a job."""


class WorkerProcesses:
    """The processes, and a thread here for each of them."""

    def __init__(self, count: int, held: Sequence[int], during: Callable[[str], AbstractContextManager[None]]) -> None:
        """Begin none yet; ``held`` stays open in each, and ``during`` hears what threads here are at."""
        self.queue, self.during = Queue(), during
        self.each: list[_Worker] = []
        self.have_lost_a_job = False
        self.group = Group(count, held)
        self._count = count
        self._change = threading.Lock()  # of the workers that there are

    def submit(self, job: Job) -> Future[Any]:
        """Return the future of a job, and begin another worker if there is work for it."""
        self.queue.put(job)
        with self._change:
            coming = sum(not worker.is_there for worker in self.each)
            if len(self.each) < self._count and (not self.each or self.queue.needs_more(coming)):
                self.each.append(_Worker(len(self.each), self))
        return job.future

    def lost(self, lost: Lost) -> WorkerLost:
        """Return what to say of a job whose worker is gone; no further job begins."""
        self.have_lost_a_job = True
        self.queue.close(WorkerLost("not begun, since a worker process was lost"))
        if not lost.is_first:
            return WorkerLost("not finished, since another worker process was lost")
        memory = "; the kernel does so when memory runs out: run again with a smaller jobs=... or engine=inline"
        return WorkerLost(f"its worker process {lost}{memory if lost.code == -9 else '; run again'}")

    def end(self) -> None:
        """End all of them."""
        self.group.end()


class _Worker:
    """The thread that gives jobs to one process."""

    def __init__(self, number: int, workers: WorkerProcesses) -> None:
        self.counts = Counts()
        self.recorded, self.waits = Recorded(), list[Activity]()
        self.is_there = False  # to take a job
        self._process, self._workers = workers.group.begin(), workers
        threading.Thread(target=self._serve, name=f"for worker {number + 1}", daemon=True).start()

    def _serve(self) -> None:
        self.is_there = True
        while job := self._workers.queue.take():
            try:
                with self._workers.during(job.name):  # sends it, and hears of it
                    finish = self._run(job)
            except Exception as error:  # a request that does not pickle
                finish = partial(job.future.set_exception, error)
            self._workers.queue.done(job)
            finish()

    def _run(self, job: Job) -> Callable[[], None]:
        """Have the job done and return what makes its outcome known."""
        self.waits.append(Activity("", job.name, job.submitted, time.monotonic_ns(), 0))
        outcome = self._process.run(job.action, job.request, job.name, self._hear)
        if isinstance(outcome, Returned):
            return partial(job.future.set_result, outcome.value)
        if isinstance(outcome, Raised):
            return partial(job.future.set_exception, outcome.error)
        return partial(job.future.set_exception, self._workers.lost(outcome))

    def _hear(self, message: Counted | Traced) -> None:
        if isinstance(message, Counted):
            self.counts = message.counts
        else:
            self.recorded.activities += message.activities
            self.recorded.samples.append(message.sample)
