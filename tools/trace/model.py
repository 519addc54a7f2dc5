"""What a run was at, from its tasks down to the threads that compress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tools.workers.spans import Sample, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """A process: its threads and its memory."""

    spans: Sequence[Span] = ()
    samples: Sequence[Sample] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of doit. All times are of time.monotonic_ns."""

    began: int
    command: Sequence[str]
    cpu: float  # seconds of all its processes
    tasks: Sequence[Span] = ()  # their threads do not matter
    waits: Sequence[Span] = ()  # of jobs for a worker; the name is the task's
    processes: Mapping[str, Lanes] = field(default_factory=dict)
