"""Where the heavy work runs: one seam, so that worker processes or a cluster can take this process's place."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from tools.errors import UserError
from tools.workers.activities import Activities

if TYPE_CHECKING:  # which takes its time, in runs that list tasks, too
    from concurrent.futures import Future

    from rules.loading.settings import Settings
    from tools.plan.outline import Outline
    from tools.workers.activities import Activity, Sample
    from tools.workers.context import Context
    from tools.workers.progress import Counts

Result = TypeVar("Result")


class Consequence(UserError):
    """A job was not done because of what another job tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is known of a job before it runs."""

    seconds: float = 0.0  # of one core, about; 0: nothing that is worth another process
    rank: int = 0  # jobs that others wait for have a lower one
    outline: Outline | None = None  # of the wheel that it builds

    def shared_with(self, other: Load) -> float:
        """Return about which part of this job's contents the other has, too: from 0 to 1."""
        return self.outline.shared_with(other.outline) if self.outline and other.outline else 0.0


SMALL = Load()


@dataclass(slots=True)
class Recorded:
    """What a process that runs jobs was at."""

    activities: list[Activity] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)  # of its memory


@dataclass(slots=True)
class History:
    """What an engine did so far: for the trace of a run."""

    waits: list[Activity] = field(default_factory=list)  # of jobs for a worker; the name is the job's
    processes: dict[str, Recorded] = field(default_factory=dict)  # by what people call them


class Engine(Protocol):
    """Runs ``action(request, context)`` somewhere.

    The action is a module's function and the request a frozen value that pickles, and so do results and errors. The
    context belongs to the place where the action runs.
    """

    def submit(
        self, action: Callable[[Any, Any], Result], request: Any, load: Load = SMALL, *, name: str = ""
    ) -> Future[Result]:
        """Return the future of what the action returns or raises. A trace tells the job by ``name``."""

    def during(self, name: str) -> AbstractContextManager[None]:
        """Let a trace tell that this thread of this process is at ``name`` while the block lasts."""

    def history(self) -> History:
        """Return what all processes were at so far."""

    def progress(self) -> Counts:
        """Return what all actions have done so far."""

    def where(self) -> str:
        """Return in which processes jobs run, as the end of a sentence; "" for this one alone."""

    def cancel(self) -> bool:
        """End what runs, drop what has not begun, and let go of all resources.

        Say whether a job ended in the middle before, so that unfinished files of it may be left.
        """


class Inline:
    """In the thread of whoever submits."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._made: Context | None = None
        self._activities = Activities()
        self._recorded = Recorded()
        self._lock = threading.Lock()

    def submit(
        self, action: Callable[[Any, Any], Result], request: Any, load: Load = SMALL, *, name: str = ""
    ) -> Future[Result]:
        """Return a future that is done."""
        from concurrent.futures import Future

        future: Future[Result] = Future()
        with self.during(name or action.__name__):
            context = self._context()
            try:
                future.set_result(action(request, context))
            except Exception as error:
                future.set_exception(error)
            finally:
                context.progress.go_on()
        return future

    def during(self, name: str) -> AbstractContextManager[None]:
        """Note what the thread of whoever asks is at while the block lasts."""
        thread = threading.current_thread().name.partition(" (")[0]  # what follows is the function it runs
        return self._activities.during(thread, name)

    def history(self) -> History:
        """Return what threads of this process were at."""
        self._recorded.activities += self._activities.take()
        return History(processes={"doit": self._recorded})

    def progress(self) -> Counts:
        """Return what was counted in this process."""
        from tools.workers.progress import Counts

        return self._made.progress.counts() if self._made else Counts()

    def where(self) -> str:
        """Nothing is worth telling."""
        return ""

    def cancel(self) -> bool:
        """Nothing is held that does not end with the process."""
        return False

    def _context(self) -> Context:
        """Return the one context of this process, made when it is first needed: listing tasks has no use for it."""
        with self._lock:
            if self._made is None:
                from tools.workers.context import make_context
                from tools.workers.limits import Limits

                self._made = make_context(Limits(threads=self._jobs), activities=self._activities)
            return self._made


def make_engine(settings: Settings, held: Callable[[], Sequence[int]] = tuple) -> Engine:
    """Return the engine that the settings name.

    None is the fastest: processes if there are several cores, begun when there is enough to do for them.
    ``held`` gives the descriptors that stay open as long as anything of it is at work on this machine.

    :raises UserError: for a cluster that nobody says the place of.
    """
    name, jobs = settings.engine, settings.jobs
    if name == "inline" or (name is None and jobs == 1):
        return Inline(jobs)
    if name == "dask":
        return _cluster(settings)
    from rules.engines.processes import WORTH, Processes

    return Processes(jobs, held, 0.0 if name else WORTH)


def _cluster(settings: Settings) -> Engine:
    from rules.engines.cluster import Cluster
    from rules.engines.shared import SharedDirectory, SharedStore
    from rules.loading.source import ARCHIVES

    scheduler, jobs, artifacts = settings.scheduler, settings.jobs, settings.artifact_dir
    if scheduler is None:
        raise UserError("engine=dask: needs scheduler=ADDRESS, such as tls://HOST:8786, where `dask scheduler` runs")
    if isinstance(artifacts, str) and settings.store is not None:
        from rules.engines.store_cluster import StoreCluster

        return StoreCluster(Cluster(scheduler, jobs, SharedStore(settings.build_dir / ARCHIVES, artifacts)), jobs)
    needs = (artifacts,) if isinstance(artifacts, Path) else ()
    return Cluster(scheduler, jobs, SharedDirectory(settings.build_dir, needs))
