"""Jobs in worker processes of this machine: one Python process is the limit of a machine with many cores."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar

from rules.engines.engine import SMALL, History, Inline, Load

if TYPE_CHECKING:
    from concurrent.futures import Future

    from rules.engines.worker_processes import WorkerProcesses
    from tools.workers.progress import Counts

Result = TypeVar("Result")
WORTH = 0.2  # seconds of work for another process, as far as a look at jobs tells: what it takes to begin workers


class Processes:
    """Whole jobs in up to ``jobs`` processes, each begun when there is work for it; small ones in this process."""

    def __init__(self, jobs: int, held: Callable[[], Sequence[int]] = tuple, worth: float = WORTH) -> None:
        """``held`` gives the descriptors that are to stay open until the last worker has ended: the build lock.

        ``worth`` are the seconds of work, beside the largest job under way, that begin the workers: one job alone, such
        as after a change to one library, is done sooner here. With 0 the first job of any size begins them.
        """
        self._jobs, self._held, self._worth = jobs, held, worth
        self._inline = Inline(jobs)
        self._lock = threading.Lock()
        self._here: list[float] = []  # seconds of work of each job that is under way in this process
        self._workers: WorkerProcesses | None = None

    def submit(
        self, action: Callable[[Any, Any], Result], request: Any, load: Load = SMALL, *, name: str = ""
    ) -> Future[Result]:
        """Return the future of what the action returns or raises.

        It raises WorkerLost when its worker was killed, or ended since another one was.
        """
        if not load.seconds:
            return self._inline.submit(action, request, name=name)
        if workers := self._workers_for(load):
            from rules.engines.queue import Job

            return workers.submit(Job(action, request, load, name or action.__name__))
        try:
            return self._inline.submit(action, request, name=name)
        finally:
            with self._lock:
                self._here.remove(load.seconds)

    def during(self, name: str) -> AbstractContextManager[None]:
        """Note what the thread of whoever asks is at while the block lasts."""
        return self._inline.during(name)

    def progress(self) -> Counts:
        """Return what was counted here and in the workers."""
        counts = self._inline.progress()
        for worker in self._workers.each if self._workers else ():
            counts += worker.counts
        return counts

    def history(self) -> History:
        """Return what this process and the workers were at."""
        history = self._inline.history()
        for number, worker in enumerate(self._workers.each if self._workers else (), 1):
            history.waits += worker.waits
            history.processes[f"worker {number}"] = worker.recorded
        return history

    def where(self) -> str:
        """Return how many workers there are, once there are some."""
        count = len(self._workers.each) if self._workers else 0
        return f"in {count} worker process{'es' if count > 1 else ''}" if count else ""

    def cancel(self) -> bool:
        """End all workers at once. What they were writing has no final name."""
        with self._lock:
            if self._workers is None:
                return False
            self._workers.end()
            return self._workers.have_lost_a_job

    def _workers_for(self, load: Load) -> WorkerProcesses | None:
        """Return the workers if the job is theirs; else it counts as under way in this process."""
        with self._lock:
            if self._workers is None:
                beside = sum(self._here) + load.seconds - max([*self._here, load.seconds])
                if beside < self._worth:
                    self._here.append(load.seconds)
                    return None
                with self.during("begin workers"):
                    from rules.engines.worker_processes import WorkerProcesses

                    self._workers = WorkerProcesses(self._jobs, self._held(), self.during)
            return self._workers
