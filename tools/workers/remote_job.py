"""A job that a worker of a cluster is sent, and what it tells of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from tools.errors import UserError
from tools.files import make_directory
from tools.workers.activities import Activity, Sample
from tools.workers.edition import ROOT, SPECS
from tools.workers.fence import within
from tools.workers.messages import Lost, Outcome
from tools.workers.parcel import Roots, unpack
from tools.workers.progress import Counts

if TYPE_CHECKING:
    from tools.workers.context import Context

BUILD, ARCHIVES = "build", "archives"  # the build directory and what is unpacked there, among roots
HERE: Roots = {"specs": ROOT / SPECS}  # a checkout of each machine has the same ones: its edition says so


class Unfit(UserError):
    """A worker that cannot do our jobs. The sentence is of the machine that it runs on, without its address."""


class Scratch(NamedTuple):
    """Directories that belong to a worker alone."""

    kept: Path  # as long as the worker
    passing: Path  # as long as the processes that are at work now


class JobFiles(Protocol):
    """Which files a job works with: a value that pickles."""

    def entered(self, scratch: Scratch) -> AbstractContextManager[Roots]:
        """Make the files good while a job runs, and say where directories of the sender are here.

        :raises Unfit: when this machine lacks what is needed.
        :raises Closed: when the run that sent the job is over.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedFiles:
    """A build directory that all machines see under one path."""

    fence: Path  # tools.workers.fence
    word: str  # that opens it
    needs: tuple[Path, ...]  # directories that are read

    @contextmanager
    def entered(self, scratch: Scratch) -> Iterator[Roots]:
        """Hold the fence."""
        for place in (self.fence, *self.needs):
            if not place.exists():
                raise Unfit(
                    f"there is no {place} on its machine; let it see that path, or share nothing but a store "
                    "(store=URL with an artifact_dir that is a URL)"
                )
        with within(self.fence, self.word):
            yield HERE


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """A build directory for one job, and archives that are kept for the next one; nothing is shared."""

    name: str  # of the directory of archives: their place in a word

    @contextmanager
    def entered(self, scratch: Scratch) -> Iterator[Roots]:
        """Make a directory, and remove it in the end."""
        make_directory(scratch.passing)
        with TemporaryDirectory(dir=scratch.passing) as build:
            yield {**HERE, ARCHIVES: scratch.kept / self.name, BUILD: Path(build)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteJob:
    """One job."""

    parcel: bytes  # action and request
    name: str  # in the trace
    files: JobFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of a job."""

    worker: str  # address
    process: int  # number of the process that had it, among those of the worker
    outcome: Outcome | Lost
    counts: Counts = field(default_factory=Counts)
    activities: tuple[Activity, ...] = ()
    samples: tuple[Sample, ...] = ()
    clock: int = 0  # ns; time.time_ns less time.monotonic_ns, there


def run_remote_job(sent: tuple[RemoteJob, Scratch], context: Context) -> Any:
    """Return what the action of a job returns: in a process of a worker with these directories.

    :raises UserError: as the files, which are entered before, or as the action.
    """
    job, scratch = sent
    with job.files.entered(scratch) as roots:
        action, request = unpack(job.parcel, roots)
        return action(request, context)
