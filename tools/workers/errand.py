"""A job that a worker of a cluster is sent, and what it tells of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.errors import UserError
from tools.workers.activities import Activity, Sample
from tools.workers.edition import ROOT, SPECS
from tools.workers.fence import within
from tools.workers.messages import Lost, Outcome
from tools.workers.parcel import Roots, unpack
from tools.workers.progress import Counts

if TYPE_CHECKING:
    from tools.workers.context import Context

HERE: Roots = {"specs": ROOT / SPECS}  # a checkout of each machine has the same ones: its edition says so


class Unfit(UserError):
    """A worker that cannot do our jobs. The sentence is of the machine that it runs on, without its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One job, in a directory that all machines see."""

    parcel: bytes  # action and request
    name: str  # in the trace
    fence: Path  # tools.workers.fence
    word: str  # that opens it
    needs: tuple[Path, ...]  # directories that are read


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of an errand."""

    worker: str  # address
    process: int  # number of the process that had it, among those of the worker
    outcome: Outcome | Lost
    counts: Counts = field(default_factory=Counts)
    activities: tuple[Activity, ...] = ()
    samples: tuple[Sample, ...] = ()
    clock: int = 0  # ns; time.time_ns less time.monotonic_ns, there


def run_errand(errand: Errand, context: Context) -> Any:
    """Return what the action returns: in a worker process, whose machine is looked at before.

    :raises Unfit: when the machine does not see what it needs.
    :raises Closed: when the run that sent the errand is over.
    """
    for place in (errand.fence, *errand.needs):
        if not place.exists():
            raise Unfit(
                f"there is no {place} on its machine; let it see that path, or share nothing but a store (store=URL)"
            )
    with within(errand.fence, errand.word):
        action, request = unpack(errand.parcel, HERE)
        return action(request, context)
