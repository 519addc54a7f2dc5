"""``doit run`` with a build lock, a clean end on SIGTERM and Ctrl-C, and a hint for an unknown name."""

from __future__ import annotations

import functools
import gc
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TextIO

from doit import cmd_run
from doit.cmdparse import CmdParseError
from doit.exceptions import InvalidCommand
from doit.runner import ERROR, FAILURE

from rules.doit_support.adapter import invoked_in
from rules.doit_support.lock import build_lock, is_held
from rules.loading.spec_table import suggestion
from rules.reporting.reporter import Reporter
from rules.reporting.tally import closure
from tools.errors import UserError
from tools.files import remove_leftovers

PATIENCE = 1.0  # seconds that a run may take to end
WAY_OUT = 5  # seconds after a signal, at most
RARELY = 200_000  # objects between two garbage collections: plans and receipts are millions, without cycles
_OPTION_ERROR = re.compile(r"Error parsing (Command|Task): (option .+?) \(parsing options")
_WHERE = {
    "Command": "`doit help run` shows the options",
    "Task": "`doit help TASK` shows the options of a task, and those of doit stand before the first task",
}


class Run(cmd_run.Run):
    """doit's ``run`` command; dodo.py's DOIT_CONFIG says whether to ``wait`` and which directories are ``written``."""

    def parse_execute(self, in_args: list[str]) -> int:
        """Run with the arguments of the command line; a wrong option is a sentence that says where options go."""
        try:
            return int(super().parse_execute(in_args))
        except CmdParseError as error:
            if found := _OPTION_ERROR.match(str(error)):
                raise CmdParseError(f"{found[2]}; {_WHERE[found[1]]}; settings are NAME=value") from None
            raise

    def execute(self, params: Any, args: list[str]) -> int:
        """Run the tasks and return the exit code: 0 all well, 1 a task failed, 2 a bug, 3 none was tried."""
        self._params = params
        try:
            return int(super().execute(params, args))
        except UserError as error:
            raise InvalidCommand(str(error)) from None
        except InvalidCommand as error:
            if error.not_found is None:
                raise
            raise InvalidCommand(self._unknown(error.not_found)) from None
        except KeyboardInterrupt:
            return _leave(128 + signal.SIGINT)
        except SystemExit as ended:
            return _leave(ended.code)
        except BrokenPipeError:  # nobody reads what the run says
            os._exit(128 + signal.SIGPIPE)

    @functools.wraps(cmd_run.Run._execute)  # doit reads the parameters' names off the signature
    def _execute(self, **options: Any) -> int:
        """Run with the lock held. A task that stands behind a failed one is no bug, though doit counts it as one."""
        self._check()
        with _without_sigpipe(), _opened(options["outfile"]) as out:
            return self._run(options | {"outfile": out})

    def _run(self, options: dict[str, Any]) -> int:
        reporter = options["reporter"]
        if reporter is Reporter:
            reporter = options["reporter"] = Reporter(
                options["outfile"], {}, self._params["engine"], self._params["given"]
            )
        directory = Path(self.dep_manager.name).parent
        lock = build_lock(directory, wait=self._params["wait"])
        with _rare_collections(), lock as killed, _ended_by_signals():
            if killed:
                self._remove_leftovers()
            try:
                code = int(super()._execute(**options))
            finally:
                has_lost_a_job = self._params["engine"].cancel()
                if isinstance(reporter, Reporter):
                    reporter.trace.write(directory)
            if has_lost_a_job:
                self._remove_leftovers()
        return FAILURE if code == ERROR and isinstance(reporter, Reporter) and not reporter.bugs else code

    def _remove_leftovers(self) -> None:
        for written in self._params["written"]:
            remove_leftovers(written)

    def _check(self) -> None:
        """Ask every task of the run whether it has to refuse, since the tasks before it may take hours."""
        tasks = {task.name: task for task in self.task_list}
        for task in closure(tasks, [name for name in self.sel_tasks if name in tasks]):
            if check := (task.meta or {}).get("check"):
                check()

    def _unknown(self, name: str) -> str:
        known = [task.name for task in self.task_list]
        hint = suggestion(name, known) or "; `doit list` shows the tasks"
        return f"there is no task, target or command {name!r}{hint}"


@contextmanager
def _opened(out: str | TextIO) -> Iterator[TextIO]:
    """Yield what the run writes to: standard output, or the file that ``--output-file`` names."""
    if not isinstance(out, str):
        yield out
        return
    try:
        file = (invoked_in() / out).open("w", encoding="utf-8")
    except OSError as error:
        raise UserError(f"--output-file: {out}: cannot be written: {error.strerror}") from None
    with file:
        yield file


@contextmanager
def _without_sigpipe() -> Iterator[None]:
    """Let no closed connection end the run while the block lasts."""
    before = signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGPIPE, before)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Let the garbage collector look seldom while the block lasts, and never at what is there before.

    Nor at what is there afterwards: it goes with the process, which would look through all of it before it ends.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.freeze()


@contextmanager
def _ended_by_signals(way_out: int = WAY_OUT, patience: float = PATIENCE) -> Iterator[None]:
    """Let the first SIGTERM or Ctrl-C end the block by an exception, and later ones not disturb what that began.

    An exception that comes in the middle of an import may get lost, and leave a lock behind that all threads wait for.
    So the process ends on the spot when that is noticed, and after ``way_out`` seconds in any case.

    A signal that comes when the way out takes more than ``patience`` seconds, as when nobody reads what is printed,
    ends the process on the spot. Ctrl-C is the way to end a task that has let go of the lock, such as ``serve``: all is
    well then.
    The handlers of before are back when the block ends, by an exception or without; only a block that a signal ended
    keeps these handlers, since the process is about to end, and until then a second signal must find them.
    """
    begun: list[float] = []
    held = is_held()

    def leave(number: int, frame: FrameType | None) -> None:
        begun.append(time.monotonic())
        if len(begun) == 1:
            if number == signal.SIGINT and held and not is_held():
                raise SystemExit(0)
            sys.unraisablehook = functools.partial(_end_with_lost, 128 + number)
            signal.signal(signal.SIGALRM, lambda *_: os._exit(128 + number))
            signal.alarm(way_out)
            raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)
        if begun[-1] - begun[0] > patience:
            os._exit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        if not begun:
            for number, handler in before.items():
                signal.signal(number, handler)


def _end_with_lost(code: int, lost: sys.UnraisableHookArgs) -> None:
    """End the process when what got lost, in a callback or a destructor, is the exception of a signal."""
    if issubclass(lost.exc_type, KeyboardInterrupt | SystemExit):
        os._exit(code)
    sys.__unraisablehook__(lost)


def _leave(code: object) -> NoReturn:
    """End the process without waiting for its threads, which would go on for as long as their files are large.

    What the threads were writing has no final name yet, and the next run removes it.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else FAILURE)
