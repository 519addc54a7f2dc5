"""Jobs on the workers of a Dask cluster: ``engine=dask``. Contents never pass through it, only requests and results."""

from __future__ import annotations

import pickle
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from rules.engines.engine import SMALL, Consequence, History, Inline, Load, Recorded
from rules.engines.queue import Job, Queue
from tools.errors import UserError

if TYPE_CHECKING:
    from distributed import Client
    from distributed import Future as DaskFuture

    from rules.engines.shared import Shared
    from tools.workers.messages import Lost
    from tools.workers.progress import Counts
    from tools.workers.remote_job import JobFiles, Report

Result = TypeVar("Result")
TRIES = 4  # of a job whose worker processes are lost, as Dask has it for its own (allowed-failures: 3)
_ENDED, _GONE = "the run is over", "the scheduler is gone"
# Of builtins alone: a worker of Dask that cannot unpickle what it is sent ends, and what else it does ends with it.
_CALL = "__import__('tools.workers.dask_worker', fromlist=['run']).run(edition, job)"
_MEMORY = "give its machine more memory or Dask's worker fewer threads (--nthreads), or find out with engine=inline"
_END = 4.0  # seconds for jobs elsewhere to end: a run that a signal ends has five


class Undone(UserError):
    """A worker could not do a job, whatever the job is."""


@dataclass(slots=True)
class _Sent:
    """A job that Dask has."""

    job: Job
    future: DaskFuture
    tries: int


class Cluster:
    """Whole jobs on the workers of the cluster; small ones in this process."""

    def __init__(self, address: str, jobs: int, shared: Shared) -> None:
        """``address`` is that of the scheduler, and ``shared`` what its workers see."""
        self._address, self._shared = address, shared
        self._inline = Inline(jobs)
        self._queue = Queue()
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._over = ""  # why no further job begins
        self._files: JobFiles | None = None  # what jobs are sent of what is shared
        self._edition = ""
        self._sent: dict[str, _Sent] = {}  # key of Dask's task -> the job
        self._counts: dict[Job, Counts] = {}
        self._history = History()
        self._workers: set[str] = set()  # that finished a job
        self._unfit: set[str] = set()  # workers of which it was told
        self._has_lost_a_job = False

    def submit(
        self, action: Callable[[Any, Any], Result], request: Any, load: Load = SMALL, *, name: str = ""
    ) -> Future[Result]:
        """Return the future of what the action returns or raises.

        It raises Undone when the cluster cannot do the job, whatever the job is.
        """
        if not load.seconds:
            return self._inline.submit(action, request, name=name)
        job = Job(action, request, load, name or action.__name__)
        try:
            self._connect()
        except UserError as error:
            job.future.set_exception(error)
        else:
            self._queue.put(job)
        return job.future

    def during(self, name: str) -> AbstractContextManager[None]:
        """Note what the thread of whoever asks is at while the block lasts."""
        return self._inline.during(name)

    def progress(self) -> Counts:
        """Return what was counted here and on the workers."""
        from tools.workers.progress import Counts

        counts = sum(tuple(self._counts.values()), self._inline.progress())
        if self._sent and (client := self._client) and not _has_workers(client):
            counts += Counts(waiting=(f"no worker is connected to {self._address}",))
        return counts

    def history(self) -> History:
        """Return what this process and the workers were at."""
        history = self._inline.history()
        history.waits += self._history.waits
        history.processes |= self._history.processes
        return history

    def where(self) -> str:
        """Return how many workers finished a job, once there are some."""
        count = len(self._workers)
        return f"on {count} worker{'s' if count > 1 else ''} of {self._address}" if count else ""

    def cancel(self) -> bool:
        """End what is at work on the cluster, and wait a few seconds for that."""
        with self._lock:
            client, self._client = self._client, None
            self._over = self._over or _ENDED
        if client is None:
            return False
        self._queue.close(Consequence(f"not begun, since {_ENDED}"))
        sent = tuple(self._sent.values())
        if sent:
            client.cancel([one.future for one in sent], force=True)
        is_over = self._shared.end(_END)
        client.close(timeout=1)
        return bool(sent) or self._has_lost_a_job or not is_over

    def _connect(self) -> None:
        """Find the scheduler, once.

        :raises UserError: when that cannot be done: the whole reason the first time.
        """
        with self._lock:
            if self._over:
                raise Consequence(f"not begun, since {self._over}")
            if self._client:
                return
            from rules.engines.scheduler import connect
            from tools.workers.edition import edition

            try:
                self._client = connect(self._address, self._hear)
                self._files = self._shared.begin()
            except UserError:
                self._over = "there is no cluster"
                raise
            self._edition = edition()
        threading.Thread(target=self._serve, name="cluster", daemon=True).start()

    def _serve(self) -> None:
        while job := self._queue.take():
            self._try(job, 1)

    def _try(self, job: Job, number: int) -> None:
        try:
            self._send(job, number)
        except Exception as error:  # a request that does not pickle, or Dask that was closed meanwhile
            self._queue.done(job)
            job.future.set_exception(error)

    def _send(self, job: Job, tries: int) -> None:
        from tools.workers.parcel import pack
        from tools.workers.remote_job import RemoteJob

        client, files = self._client, self._files
        if client is None or files is None:
            raise Consequence(f"not finished, since {_ENDED}")
        parcel = pack((job.action, job.request), self._shared.roots())
        remote_job = RemoteJob(parcel=parcel, name=job.name, files=files)
        key = f"rocm-wheels-{job.name}-{uuid.uuid4().hex}"
        words = {"edition": self._edition, "job": pickle.dumps(remote_job)}
        future = client.submit(eval, _CALL, words, key=key, pure=False, priority=_priority(job.load))
        self._sent[key] = _Sent(job, future, tries)
        future.add_done_callback(self._done)

    def _done(self, future: DaskFuture) -> None:
        """Make an outcome known: in the thread that Dask calls back in."""
        sent = self._sent.pop(future.key)
        try:
            report: Report = pickle.loads(future.result())
        except BaseException as error:
            self._fail(sent, self._told(error))
            return
        future.release()
        self._note(sent.job, report)
        self._settle(sent, report)

    def _settle(self, sent: _Sent, report: Report) -> None:
        from tools.workers.messages import Lost, Returned

        outcome, job = report.outcome, sent.job
        if isinstance(outcome, Lost):
            self._has_lost_a_job = True
            if sent.tries + outcome.is_first <= TRIES:
                self._try(job, sent.tries + outcome.is_first)
                return
            self._queue.done(job)
            job.future.set_exception(_killer(report.worker, outcome))
        elif isinstance(outcome, Returned):
            self._queue.done(job)
            job.future.set_result(outcome.value)
        else:
            self._queue.done(job)
            job.future.set_exception(self._of_worker(outcome.error, report.worker))

    def _of_worker(self, error: Exception, worker: str) -> Exception:
        """Return an error of a job, with the worker where that is what it is about."""
        from tools.workers.remote_job import Unfit

        if isinstance(error, MemoryError):
            return Undone(f"worker {worker}: memory ran out; {_MEMORY}")
        if not isinstance(error, Unfit):
            return error
        if worker in self._unfit:
            return Consequence(f"not done by worker {worker}")
        self._unfit.add(worker)
        return Undone(f"worker {worker}: {error}")

    def _fail(self, sent: _Sent, error: Exception) -> None:
        self._has_lost_a_job = True
        self._queue.done(sent.job)
        sent.job.future.set_exception(error)

    def _told(self, error: BaseException) -> Exception:
        """Return what to say of a job that Dask gave up, and begin none any more if that is the cluster's end."""
        from rules.engines.scheduler import is_gone, sentence

        if self._over == _ENDED:
            return Consequence(f"not finished, since {_ENDED}")
        if not is_gone(error):
            return sentence(error, self._address)
        with self._lock:
            is_first, self._over = not self._over, _GONE
        self._queue.close(Consequence(f"not begun, since {_GONE}"))
        return sentence(error, self._address) if is_first else Consequence(f"not finished, since {_GONE}")

    def _hear(self, key: str, counts: Counts) -> None:
        """Note what was counted of a job that is at work."""
        if sent := self._sent.get(key):
            self._counts[sent.job] = counts

    def _note(self, job: Job, report: Report) -> None:
        """Add what a worker did to what this run did, in times of this machine."""
        from tools.workers.activities import Activity

        self._workers.add(report.worker)
        self._counts[job] = report.counts
        shift = report.clock - (time.time_ns() - time.monotonic_ns()) if report.clock else 0
        recorded = self._history.processes.setdefault(f"{report.worker} {report.process}", Recorded())
        for one in report.activities:
            recorded.activities.append(one._replace(begin=one.begin + shift, end=one.end + shift))
        recorded.samples += [one._replace(at=one.at + shift) for one in report.samples]
        if begun := [one.begin + shift for one in report.activities]:
            self._history.waits.append(Activity("", job.name, job.submitted, max(job.submitted, min(begun)), 0))


def _has_workers(client: Client) -> bool:
    from rules.engines.scheduler import has_workers

    return has_workers(client)


def _priority(load: Load) -> int:
    """Return what Dask sorts by, the highest first: what others wait for, then by size."""
    return int(min(load.seconds, 1e6) * 1000) - load.rank * 10**10


def _killer(worker: str, lost: Lost) -> Undone:
    memory = ", as the kernel does when memory runs out" if lost.code == -9 else ""
    return Undone(
        f"{TRIES} worker processes ended in the middle of it, the last one, on {worker}, {lost}{memory}; {_MEMORY}"
    )
