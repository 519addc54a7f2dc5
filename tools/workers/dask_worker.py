"""A worker of Dask at work for us: the function that it calls, and processes of its own that do the jobs.

A job never runs in the process that Dask calls: it could not be ended there. It runs in one that is killed when nobody
wants the job any more, or when Dask's worker ends, however that happens.
"""

from __future__ import annotations

import pickle
import shutil
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tools.workers.activities import Activity, Sample
from tools.workers.edition import edition
from tools.workers.group import Group, Worker
from tools.workers.messages import Counted, Lost, Raised, Traced
from tools.workers.progress import Counts
from tools.workers.remote_job import RemoteJob, Report, Scratch, Unfit, run_remote_job

if TYPE_CHECKING:
    from distributed import Worker as DaskWorker

TOPIC = "rocm-wheels"  # of Dask's events that say what was counted
_NAME = "rocm-wheels"  # of ours among the extensions of Dask's worker, and of our files in its directory
_PERIOD = 1.0  # seconds between two events of a job
_AT_WORK = ("running", "paused")  # states of Dask's worker
_REMEDY = "bring its checkout and yours to one state, then start it again"
_making = threading.Lock()


def run(theirs: str, job: bytes) -> bytes:
    """Return the report, pickled, on a pickled job of somebody whose edition is ``theirs``: a task of Dask.

    Whatever goes wrong is in the report, since Dask logs what its tasks raise.
    """
    from distributed import get_worker

    worker = get_worker()
    return pickle.dumps(_processes_of(worker).run(theirs, job, worker.get_current_task()))


def _processes_of(worker: DaskWorker) -> JobProcesses:
    with _making:
        if _NAME not in worker.extensions:
            worker.extensions[_NAME] = JobProcesses(worker)
        processes: JobProcesses = worker.extensions[_NAME]
        return processes


@dataclass(slots=True)
class _Process:
    """One of the processes."""

    group: Group
    worker: Worker
    number: int
    passing: Path  # directory of its group
    counted: Counts = field(default_factory=Counts)  # since it began


class JobProcesses:
    """The processes of one worker of Dask: as many as it has threads."""

    def __init__(self, worker: DaskWorker) -> None:
        self._worker = worker
        self._edition = edition()  # of the modules that are loaded here
        self._lock = threading.Lock()
        self._group: Group | None = None
        self._idle: list[_Process] = []
        self._begun = 0
        self._passing = Path()  # of the group
        self._scratch = Path(worker.local_directory) / _NAME

    def run(self, theirs: str, pickled: bytes, key: str) -> Report:
        """Have a job done. ``key`` is that of Dask's task."""
        try:
            process = self._take(theirs)
        except Unfit as unfit:
            return Report(worker=self._worker.address, process=0, outcome=Raised(unfit))
        telling = _Telling(self._worker, key, process.counted)
        job: RemoteJob = pickle.loads(pickled)
        sent = job, Scratch(self._scratch, process.passing)
        outcome = process.worker.run(run_remote_job, sent, job.name, telling.hear, lambda: self._is_wanted(key))
        process.counted = telling.counted
        self._give(process, is_there=not isinstance(outcome, Lost))
        return Report(
            worker=self._worker.address,
            process=process.number,
            outcome=outcome,
            counts=telling.counts(),
            activities=tuple(telling.activities),
            samples=tuple(telling.samples),
            clock=time.time_ns() - time.monotonic_ns(),
        )

    def _take(self, theirs: str) -> _Process:
        """Return a process that has nothing to do.

        :raises Unfit: when it would not make the bytes that are wanted.
        """
        if theirs != self._edition:
            raise Unfit(f"it runs another edition of this project, of its specs or of its packages; {_REMEDY}")
        with self._lock:
            if self._idle:
                return self._idle.pop()
            if self._group is None:
                if edition() != self._edition:
                    raise Unfit(f"its checkout or its packages were changed since it was started; {_REMEDY}")
                self._group = Group(self._worker.state.nthreads)
                self._passing = self._scratch / f"{self._begun}"
            self._begun += 1
            return _Process(self._group, self._group.begin(), self._begun, self._passing)

    def _give(self, process: _Process, *, is_there: bool) -> None:
        """Take a process back. One that is lost takes its group along."""
        with self._lock:
            if process.group is self._group:
                if is_there:
                    self._idle.append(process)
                else:
                    self._group, self._idle = None, []
        if not is_there:
            shutil.rmtree(process.passing, ignore_errors=True)

    def _is_wanted(self, key: str) -> bool:
        """Say whether somebody waits for the task: Dask tells its worker, and leaves it at that."""
        task = self._worker.state.tasks.get(key)
        return task is not None and task.state == "executing" and self._worker.status.name in _AT_WORK


class _Telling:
    """What a process says of one job; some of it is told at once."""

    def __init__(self, worker: DaskWorker, key: str, before: Counts) -> None:
        self.counted = before
        self.activities: list[Activity] = []
        self.samples: list[Sample] = []
        self._worker, self._key, self._before = worker, key, before
        self._told = 0.0

    def hear(self, message: Counted | Traced) -> None:
        if isinstance(message, Traced):
            self.activities += message.activities
            self.samples.append(message.sample)
            return
        self.counted = message.counts
        if time.monotonic() - self._told >= _PERIOD:
            self._told = time.monotonic()
            self._worker.log_event(TOPIC, [self._key, pickle.dumps(self.counts())])

    def counts(self) -> Counts:
        """Return what was counted of this job."""
        return self.counted.since(self._before)
