"""The one value that an action is given beside its request: what the jobs of a process share."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass

from tools.source.fetching import Fetching
from tools.workers.activities import Activities
from tools.workers.budget import Budget
from tools.workers.kept import Kept
from tools.workers.limits import Limits
from tools.workers.pool import Pool
from tools.workers.progress import Progress
from tools.workers.reuse import Reuse
from tools.workers.scratch import Scratch


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Made inside each process that runs jobs, and never pickled."""

    pool: Pool  # threads that hash and compress
    budget: Budget  # bytes under way
    kept: Kept  # contents that one job has read for the next
    reuse: Reuse  # compressed members that wheels have
    progress: Progress
    activities: Activities  # what its threads were at
    fetching: Fetching  # connections to places that archives come from
    scratch: Scratch  # memory that files are read into
    small_files: AbstractContextManager[object]  # held by the one thread that reads many small files
    wheels: AbstractContextManager[object]  # held while a wheel is written: so many at a time
    repair: AbstractContextManager[object]  # held while members are compressed that no budget was asked for


def make_context(
    limits: Limits | None = None,
    *,
    budget: Budget | None = None,
    cores: AbstractContextManager[object] | None = None,
    activities: Activities | None = None,
) -> Context:
    """Return a context in which nothing is known yet and nothing counted.

    ``budget`` is one that processes share, and ``cores`` is held by each thread that keeps a core busy. ``activities``
    are those that something else in this process adds to, too.
    """
    limits, activities = limits or Limits(), activities or Activities()
    progress = Progress()
    return Context(
        pool=Pool(limits.threads, cores, activities),
        budget=budget or Budget(limits.memory),
        kept=Kept(limits.kept),
        reuse=Reuse(limits.members),
        progress=progress,
        activities=activities,
        fetching=Fetching(progress),
        scratch=Scratch(limits.scratch),
        small_files=threading.Lock(),
        wheels=threading.Semaphore(limits.wheels),
        repair=threading.Lock(),
    )
