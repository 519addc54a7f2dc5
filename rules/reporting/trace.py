"""What becomes the trace of a run: tasks as the reporter hears of them, and what the engine did."""

from __future__ import annotations

import resource
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tools.errors import UserError

if TYPE_CHECKING:
    from rules.engines.engine import Engine
    from tools.trace.model import Lanes
    from tools.workers.activities import Activity, Sample

PERIOD = 0.25  # seconds between two looks at the memory of this process, as in worker processes
HERE = "doit"  # this process, in the engine's history and in the trace


class Trace:
    """Hears when tasks begin and end; a run in which none did has none."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._began = time.monotonic_ns()
        self._running: dict[str, int] = {}  # task -> when it began
        self._tasks: list[Activity] = []
        self._samples: list[Sample] = []
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._watching = False

    def begin(self, task: str) -> None:
        """Note that a task begins. Called in many threads."""
        self._running[task] = time.monotonic_ns()
        with self._lock:
            begin, self._watching = not self._watching, True
        if begin:
            threading.Thread(target=self._watch, name="memory", daemon=True).start()

    def end(self, task: str) -> None:
        """Note that a task is over."""
        from tools.workers.activities import Activity

        now = time.monotonic_ns()
        self._tasks.append(Activity("", task, self._running.pop(task, now), now, 0))

    def write(self, directory: Path) -> None:
        """Write the trace of a run that is over. One that cannot be written is no reason to fail what was built."""
        self._over.set()
        for task in tuple(self._running):  # a signal ended them
            self.end(task)
        if self._tasks and self._engine_did_something():
            with suppress(OSError, UserError):
                self._write(directory)

    def _engine_did_something(self) -> bool:
        return any(one.activities for one in self._engine.history().processes.values())

    def _write(self, directory: Path) -> None:
        from tools.trace.model import Run
        from tools.trace.store import write_trace

        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        run = Run(
            began=self._began,
            command=sys.argv[1:],
            cpu=round(sum(one.ru_utime + one.ru_stime for one in used), 3),
            tasks=self._tasks,
            waits=self._engine.history().waits,
            processes=self._processes(),
        )
        write_trace(directory, run)

    def _processes(self) -> dict[str, Lanes]:
        from tools.trace.model import Lanes

        each = self._engine.history().processes
        each[HERE].samples = self._samples
        each[HERE].activities = [*each[HERE].activities, self._main_thread()]
        return {name: Lanes(activities=one.activities, samples=one.samples) for name, one in each.items()}

    def _main_thread(self) -> Activity:
        """Return what doit itself was at: it has used its time since before the run, to load all there is."""
        from tools.workers.activities import Activity

        return Activity("doit", "doit", self._began, time.monotonic_ns(), time.thread_time_ns())

    def _watch(self) -> None:
        from tools.workers.activities import sample

        while not self._over.wait(PERIOD):
            self._samples.append(sample())
