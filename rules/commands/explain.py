"""``doit explain``, ``doit why`` and ``doit diff``: questions about a build, answered without building."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import doit
from doit import cmd_info
from doit.cmd_base import Command, DoitCmdBase
from doit.exceptions import InvalidCommand

from rules.analysis.project import Project
from rules.catalog import Unchanged
from rules.doit_support.outputs import Outputs
from rules.loading.spec_table import suggestion
from tools.errors import UserError, listed


class Explain(DoitCmdBase):
    """Tells from the plans what became of a path."""

    name = "explain"
    doc_purpose = "tell which wheel ships a path and in which form, or why none does"
    doc_usage = "PATH... | --unused"
    doc_description = "PATH: in an artifact, a wheel or a devel tree; whole, or its end, or a pattern."
    cmd_options = (
        {
            "name": "unused",
            "long": "unused",
            "type": bool,
            "default": False,
            "help": "tell what packaging_specs/ names and no artifact has",
        },
    )

    def _execute(self, pos_args: list[str], unused: bool) -> int:
        from tools.explain.path import ExplainRequest, explain, unused_names

        if not unused:
            _needs(pos_args, "explain", "a path, such as lib/libamdhip64.so.7")
        project = _project(self)
        written = {Path(target) for task in self.task_list for target in task.targets}  # some files are not planned
        plans = [plan for product in project.products.products if (plan := project.plan(product)) in written]
        reports = sorted({plan.parent / "report.json" for plan in plans})
        if unused:
            _print(_answer(unused_names, reports))
        catalogs = [project.catalog(str(artifact)) for artifact in project.artifacts]
        for path in pos_args:
            request = ExplainRequest(path=path, plans=tuple(plans), reports=tuple(reports), catalogs=tuple(catalogs))
            _print(_answer(explain, request))
        return 0


class Why(DoitCmdBase):
    """Tells which tasks run and why, and which may have to."""

    name = "why"
    doc_purpose = "tell what makes a task run, and the tasks before it"
    doc_usage = "TASK..."
    doc_description = None

    def _execute(self, pos_args: list[str]) -> int:
        _needs(pos_args, "why", "a task, such as build:generic:core")
        tasks = {task.name: task for task in self.task_list}
        _check_known(pos_args, tasks)
        project = _project(self)
        makers = {target: task.name for task in tasks.values() for target in task.targets}
        moving: dict[str, None] = {}  # tasks that run or may run
        for name in _closure(pos_args, tasks, makers):
            task = tasks[name]
            reasons = self._reasons(task, tasks, project) if task.actions else []
            before = [other for other in _before(task, makers) if other in moving]
            if reasons or before:
                moving[name] = None
            if reasons or before or name in pos_args:
                _print([f"{name} {_verdict(task, reasons, before)}", *(f"  {reason}" for reason in reasons)])
        return 0

    def _reasons(self, task: Any, tasks: Mapping[str, Any], project: Project) -> list[str]:
        """Return why the task is sure to run, as sentences; none where that is not sure."""
        if not self.dep_manager._in(task.name) and task.targets:
            return ["it has not been run yet, or it failed"]
        status = self.dep_manager.get_status(task, tasks, get_log=True)
        return list(_reasons(task, status.reasons, project)) if status.status != "up-to-date" else []


class Info(cmd_info.Info):
    """doit's ``info``, except that an unknown name is a sentence."""

    def _execute(self, pos_args: list[str], hide_status: bool = False) -> int:
        _check_known(pos_args, [task.name for task in self.task_list])
        return int(super()._execute(pos_args, hide_status) or 0)


class Diff(Command):
    """Compares the wheels of two dists."""

    name = "diff"
    doc_purpose = "tell which files two dists differ in, by wheel"
    doc_usage = "OLD_DIST NEW_DIST"
    doc_description = None

    def execute(self, params: Any, args: list[str]) -> int:
        from tools.explain.dists import DiffRequest, compare_dists

        if len(args) != 2:
            raise InvalidCommand("`diff` needs two directories, OLD_DIST and NEW_DIST")
        here = Path(doit.get_initial_workdir() or Path.cwd())
        _print(_answer(compare_dists, DiffRequest(old=here / args[0], new=here / args[1])))
        return 0


def _closure(names: list[str], tasks: Mapping[str, Any], makers: Mapping[str, str]) -> list[str]:
    """Return the tasks and all that they wait for, in the order in which they would run."""
    order: dict[str, None] = {}

    def visit(name: str) -> None:
        if name not in order:
            for other in dict.fromkeys((*tasks[name].task_dep, *_before(tasks[name], makers))):
                visit(other)
            order[name] = None

    for name in names:
        visit(name)
    return list(order)


def _before(task: Any, makers: Mapping[str, str]) -> list[str]:
    """Return the tasks whose results the task looks at; a group looks at its members.

    Other tasks that must run before it do not make it run.
    """
    if not task.actions:
        return list(task.task_dep)
    looked_at = [check.directory for check, _, _ in task.uptodate if isinstance(check, Unchanged)]
    below = {maker for path, maker in makers.items() if any(path.startswith(f"{one}/") for one in looked_at)}
    return sorted(below | {makers[path] for path in task.file_dep if path in makers})


def _verdict(task: Any, reasons: list[str], before: list[str]) -> str:
    if reasons:
        return "runs"
    if not before:
        return "is up to date"
    if not task.actions:
        return f"waits for {listed(before)}"
    return f"runs if {'one of ' if len(before) > 1 else ''}{listed(before)} gives other content"


def _reasons(task: Any, reasons: Mapping[str, Any], project: Project) -> Iterator[str]:
    sentences = {
        "missing_file_dep": "an input is missing",
        "added_file_dep": "it has a new input",
        "removed_file_dep": "an input is no longer one",
        "changed_file_dep": "an input changed",
        "missing_target": "an output is missing",
    }
    for key, sentence in sentences.items():
        if paths := reasons.get(key):
            yield f"{sentence}: {listed(paths)}"
    if reasons.get("has_no_dependencies"):
        yield "it runs whenever it is asked for"
    for check, _, _ in reasons.get("uptodate_false", ()):
        if not (isinstance(check, Outputs) and "missing_target" in reasons):  # which says it better
            yield from _failed_check(check)
    if reasons.get("changed_file_dep") and (receipt := (task.meta or {}).get("receipt")):
        yield from _members(task, Path(receipt), project)


def _failed_check(check: object) -> Iterator[str]:
    if check is False:
        yield "it runs whenever it is asked for"
    elif isinstance(check, Unchanged):
        yield check.reason()
    elif type(check).__name__ == "config_changed":
        yield "its rule, its options or the version of a tool changed"
    else:
        yield str(check).strip("<>")


def _members(task: Any, receipt: Path, project: Project) -> Iterator[str]:
    from tools.explain.rebuild import changed_members

    plan = next(iter(task.file_dep))
    changed = changed_members(Path(plan), receipt, project.settings.compression_level)
    if changed is not None:
        yield from changed.sentences()


def _project(command: DoitCmdBase) -> Project:
    """Return what dodo.py works with."""
    project: Project = command.loader.namespace["PROJECT"]
    return project


def _check_known(names: list[str], tasks: Collection[str]) -> None:
    for name in names:
        if name not in tasks:
            hint = suggestion(name, tasks) or "; `doit list` shows the tasks"
            raise InvalidCommand(f"there is no task {name!r}{hint}")


def _needs(arguments: list[str], command: str, what: str) -> None:
    if not arguments:
        raise InvalidCommand(f"`{command}` needs {what}")


def _answer(ask: Any, request: object) -> list[str]:
    try:
        lines: list[str] = ask(request)
    except UserError as error:
        raise InvalidCommand(str(error)) from None
    return lines


def _print(lines: list[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
