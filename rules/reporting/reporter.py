"""What a run says: a line for what was made, failures as sentences, a count of the rest, what to do next."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TextIO

from doit.exceptions import BaseFail, TaskFailed, UnmetDependency

from rules.reporting.counts import Counts, counts_text
from rules.reporting.text import runnable, time_text, with_settings
from rules.reporting.view import make_view
from rules.task import Behind
from tools.errors import listed

if TYPE_CHECKING:
    from rules.engines.engine import Engine
    from rules.reporting.summary import Made

SOON = 1.0  # seconds; a step that takes less gets no line of its own, unless it made a wheel


class Reporter:
    """doit's reporter interface.

    What a task returns may hold "notes", sentences, "problems", rows of reason, culprit and the file with all rows,
    "unverified", an archive, and "taken", true where the store had what the task makes.
    A task's ``meta`` may hold ``receipt``, the file that says what it made, ``plan``, what it is made from,
    ``output``, true for a task that writes to the terminal itself, ``next``, what a user may want to do afterwards,
    and ``check``, a function that the run calls before it begins.
    """

    desc = "what was built, and a table of it"

    def __init__(
        self,
        outstream: TextIO,
        options: Mapping[str, object],
        engine: Engine | None = None,
        given: Mapping[str, str] | None = None,
    ) -> None:
        """``given`` are the settings of the command line, which a command that is told next would not have."""
        from rules.engines.engine import Inline
        from rules.reporting.tally import Tally
        from rules.reporting.trace import Trace

        engine = engine or Inline(1)
        self.bugs = 0  # failures that are not the user's
        self._tally = Tally(engine)
        self.trace = Trace(engine)
        self._view = make_view(outstream, self._tally.lines, self._tally.news)
        self._made: list[Made] = []
        self._given, self._next = given or {}, ""
        self._notes: list[str] = []
        self._problems: list[tuple[str, str, str]] = []  # reason, culprit, file with all problems of its task
        self._unverified: list[str] = []  # archives
        self._failed: list[str] = []  # tasks
        self._behind = Counter[str]()  # why tasks failed that have nothing of their own to tell
        self._wheels = Counts("wheels", "built")  # the sdist is one of them
        self._steps = Counts("steps", "done")  # all others

    def initialize(self, tasks: Mapping[str, Any], selected: Iterable[str]) -> None:
        """Learn what was asked for; the last task that was named says what comes next."""
        self._tally.expect(tasks, selected)
        for name in selected:
            self._next = _meta(tasks[name], "next") or self._next

    def get_status(self, task: Any) -> None:
        """Hear that a task is looked at; nothing to say."""

    def execute_task(self, task: Any) -> None:
        """Note that a task begins. Called in the thread that runs it."""
        if not task.actions:
            return
        self._tally.begin(task.name)
        self.trace.begin(task.name)
        if _meta(task, "output"):
            self._view.close()
        else:
            self._view.begin()

    def add_success(self, task: Any) -> None:
        """Say what a finished task made."""
        if not task.actions:
            return
        self._counts(task).succeeded(is_taken=bool(task.values.get("taken")))
        seconds = self._tally.end(task.name)
        self.trace.end(task.name)
        self._notes += task.values.get("notes", [])
        self._problems += [tuple(row) for row in task.values.get("problems", [])]
        if archive := task.values.get("unverified"):
            self._unverified.append(archive)
        if receipt := _meta(task, "receipt"):
            from rules.reporting.summary import made

            self._made.append(made(receipt, self._tally.elapsed(), task.values))
            self._view.line(self._made[-1].line)
        elif line := task.values.get("line"):
            self._view.line(f"{line} in {time_text(seconds)}")
        elif seconds >= SOON:
            self._view.line(f"done    {task.name}  in {time_text(seconds)}")

    def add_failure(self, task: Any, fail: BaseFail) -> None:
        """Say why a task failed: a sentence for the user's errors, with the traceback for ours."""
        if isinstance(fail, UnmetDependency):
            if task.actions:
                self._view.error(f"skipped {task.name}: {fail.message} failed")
            return
        self._counts(task).failed += 1
        self._failed.append(task.name)
        self._tally.end(task.name)
        self.trace.end(task.name)
        if isinstance(fail, Behind):
            self._behind[fail.message] += 1
            return
        is_bug = not isinstance(fail, TaskFailed)
        self.bugs += is_bug
        trace = "\n" + "".join(fail.traceback).rstrip() if is_bug else ""
        self._view.error(f"failed  {task.name}: {fail.message}{trace}")

    def skip_uptodate(self, task: Any) -> None:
        """Count a task that has nothing to do."""
        self._tally.skip(task.name)
        self._counts(task).current += bool(task.actions)

    def skip_ignore(self, task: Any) -> None:
        """Say that a task is left out on the user's word (``doit ignore``)."""
        self._tally.skip(task.name)
        self._view.line(f"ignored {task.name}")

    def cleanup_error(self, exception: BaseFail) -> None:
        """Say that a teardown failed."""
        self._view.error(exception.get_msg())

    def runtime_error(self, msg: str) -> None:
        """Say that doit itself gave up."""
        self.bugs += 1
        self._steps.failed += 1
        self._view.error(msg)

    def teardown_task(self, task: Any) -> None:
        """Hear that a teardown begins; no task has one."""

    def complete_run(self) -> None:
        """Close with the table, what is next, and the counts."""
        self._view.close()
        for sentence, count in self._behind.items():
            self._view.error(f"failed  {count} more task{'s' if count > 1 else ''}: {sentence}")
        if self._made:
            from rules.reporting.summary import summary

            for line in summary(self._made):
                self._view.line(line)
        for note in self._notes:
            self._view.line(f"note: {runnable(note, self._given)}")
        if self._unverified:
            self._view.line(
                f"note: archives without .sha256sum, so no damage could be seen: {listed(self._unverified)}"
            )
        if self._problems:
            self._warn()
        if fetched := self._tally.fetched():
            self._view.line(fetched)
        if stored := self._tally.stored():
            self._view.line(stored)
        if work := self._tally.work():
            self._view.line(work)
        if self._failed and (
            self._made or self._notes or self._problems
        ):  # which may have moved what was said off the screen
            self._view.line(f"failed: {listed(self._failed)}; the reason stands above")
        reason = sys.exc_info()[1]  # doit calls this on the way out of SIGTERM and Ctrl-C, too
        interrupted = reason is not None and getattr(reason, "code", None) != 0  # 0: the end of `serve`
        if self._next and not self._wheels.failed and not self._steps.failed and not interrupted:
            self._view.line(f"next: {with_settings(self._next, self._given)}")
        self._wheels.left = self._tally.left
        self._view.line(counts_text(self._wheels, self._steps) + ("; interrupted" if interrupted else ""))

    def _warn(self) -> None:
        """Tell what was left out, once a reason, whichever tasks found it; and where all of it stands."""
        from tools.plan.problem import Problem, sentences

        found = sentences(Problem(reason, culprit) for reason, culprit, _ in self._problems)
        for sentence in found:
            self._view.line(f"warning: {sentence.text}")
        if not all(sentence.is_whole for sentence in found):
            files = {file for _, _, file in self._problems}
            self._view.line(f"warning: all of them are listed in {listed(files)}")

    def _counts(self, task: Any) -> Counts:
        return self._wheels if _meta(task, "receipt") else self._steps


def _meta(task: Any, key: str) -> Any:
    return (task.meta or {}).get(key)
