"""What a run was at, from its tasks down to the threads that compress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tools.workers.activities import Activity, Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """A process: its threads and its memory."""

    activities: Sequence[Activity] = ()
    samples: Sequence[Sample] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of doit. All times are of time.monotonic_ns."""

    began: int
    command: Sequence[str]
    cpu: float  # seconds of all its processes
    tasks: Sequence[Activity] = ()  # their threads do not matter
    waits: Sequence[Activity] = ()  # of jobs for a worker; the name is the task's
    processes: Mapping[str, Lanes] = field(default_factory=dict)
