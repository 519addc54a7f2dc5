"""``doit watch``: tasks run again whenever artifacts change, each time by a doit of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from doit.cmd_base import DoitCmdBase
from doit.exceptions import InvalidCommand

from rules.analysis.project import Project
from rules.commands.question import check_known, needs, project_of
from rules.doit_support.adapter import command_line, invoked_in
from rules.doit_support.start import INVOKED_IN
from rules.reporting.text import time_text
from tools.errors import few

QUIET = 100  # milliseconds without a change end a burst; linkers and unpacking tools write in many steps
LONGEST = 3000  # milliseconds after which a burst is answered though it goes on


class Watch(DoitCmdBase):
    """Runs tasks, then again after each burst of changes, until Ctrl-C."""

    name = "watch"
    doc_purpose = "run tasks again whenever artifacts change, until Ctrl-C"
    doc_usage = "TASK..."
    doc_description = "Ctrl-C between two runs is a good end: exit code 0."

    def _execute(self, pos_args: list[str]) -> int:
        needs(pos_args, "watch", "a task, such as develop:gfx94X-dcgpu")
        check_known(pos_args, [task.name for task in self.task_list])
        project = project_of(self)
        if project.is_sample:
            raise InvalidCommand("artifact_dir: is not set; `watch` needs artifacts that can change")
        if not isinstance(project.settings.artifact_dir, Path):
            raise InvalidCommand(f"artifact_dir: {project.settings.artifact_dir} is a URL; `watch` needs a directory")
        with _ended_by_signals() as runs:
            _watch(project, pos_args, runs)
        return 0


class _Runs:
    """One doit after the other."""

    def __init__(self) -> None:
        self.now: subprocess.Popen[bytes] | None = None

    def run(self, tasks: Sequence[str]) -> int:
        """Run tasks with the settings of this command; return the exit code."""
        settings = [f"{name}={value}" for name, value in command_line().items()]
        command = [sys.executable, "-m", "doit", "run", *tasks, *settings]
        self.now = subprocess.Popen(command, env=os.environ | {INVOKED_IN: str(invoked_in())})
        code = self.now.wait()
        self.now = None
        return code


def _watch(project: Project, tasks: Sequence[str], runs: _Runs) -> None:
    artifacts = Path(str(project.settings.artifact_dir))
    tops = (artifacts, project.specs_dir.parent)
    bursts = _changes(artifacts, project.specs_dir)
    next(bursts)  # from now on nothing is missed
    _say(f"watching {artifacts}; Ctrl-C ends")
    _run(runs, tasks)
    for burst in bursts:
        if changed := sorted(path for path in burst if "__pycache__" not in path):
            _say(seen([_short(path, tops) for path in changed]))
            _run(runs, tasks)


def _changes(artifacts: Path, specs: Path) -> Iterator[set[str]]:
    """Yield bursts of changed paths, empty ones now and then. What changes between two of them is in the next.

    A directory of artifacts that is removed and made again is watched again, and counts as changed.
    """
    watched = _identity(artifacts)
    while True:
        if watched is None:
            time.sleep(QUIET / 1000)
            watched = _identity(artifacts)
            if watched is not None:
                yield {str(artifacts)}
            continue
        for burst in _bursts(artifacts, specs):
            yield burst
            if _identity(artifacts) != watched:
                watched = None
                break


def _bursts(*places: Path) -> Iterator[set[str]]:
    from watchfiles import watch

    found_by = watch(
        *places, watch_filter=None, debounce=LONGEST, step=QUIET, rust_timeout=QUIET, yield_on_timeout=True
    )
    try:
        for found in found_by:
            yield {path for _, path in found}
    except FileNotFoundError:
        return
    except (OSError, RuntimeError) as error:
        raise InvalidCommand(
            f"the artifacts cannot be watched: {error}; raise the limit with "
            "`sysctl fs.inotify.max_user_watches=1048576`, or have them looked at again and again with "
            "WATCHFILES_FORCE_POLLING=1 in the environment"
        ) from None


def _identity(directory: Path) -> tuple[int, int] | None:
    try:
        status = directory.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _run(runs: _Runs, tasks: Sequence[str]) -> None:
    began = time.monotonic()
    code = runs.run(tasks)
    how = "done" if code == 0 else f"failed (exit code {code})"
    _say(f"{how} in {time_text(time.monotonic() - began)}; waiting for changes")


def seen(paths: Sequence[str]) -> str:
    """Return what changed, in one line."""
    shown, more = few(paths)
    files = "1 file" if len(paths) == 1 else f"{len(paths)} files"
    return f"{files} changed: {', '.join(shown)}{f' and {more} more' if more else ''}"


def _short(path: str, tops: Iterable[Path]) -> str:
    for top in tops:
        with suppress(ValueError):
            return Path(path).relative_to(top).as_posix()
    return path


def _say(text: str) -> None:
    with suppress(BrokenPipeError):
        print(f"watch   {text}", flush=True)


@contextmanager
def _ended_by_signals() -> Iterator[_Runs]:
    """End the process at once on Ctrl-C and SIGTERM, after the doit that is at work: a terminal tells both."""
    runs = _Runs()

    def leave(number: int, frame: FrameType | None) -> NoReturn:
        code = 0 if number == signal.SIGINT else 128 + number
        if (run := runs.now) is not None and run.poll() is None:
            if number != signal.SIGINT:
                run.terminate()
            with suppress(subprocess.TimeoutExpired):
                run.wait(5)
            code = 128 + number
        sys.stdout.flush()
        os._exit(code)

    before = {number: signal.signal(number, leave) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield runs
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
