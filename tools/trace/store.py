"""Traces on disk: ``trace.json`` of the last run, ``trace.1.json`` of the one before, and so on."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from tools.trace.events import trace
from tools.trace.model import Run
from tools.values import write_json

KEPT = 5


def trace_file(directory: Path, age: int = 0) -> Path:
    """Return where the trace of the last run is, or that of ``age`` runs before."""
    return directory / (f"trace.{age}.json" if age else "trace.json")


def write_trace(directory: Path, run: Run) -> None:
    """Write the trace of a run and make those of earlier ones a run older; the oldest goes.

    A process that is killed in the middle leaves each of them whole.

    :raises UserError: when ``directory`` cannot be written.
    :raises OSError: when an older one cannot be renamed.
    """
    made = trace(run)
    for age in range(KEPT - 1, 0, -1):
        with suppress(FileNotFoundError):
            trace_file(directory, age - 1).replace(trace_file(directory, age))
    write_json(trace_file(directory), made)
