"""What would run if doit were asked to: each task with the reasons that are sure, and the tasks that may be one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from doit.cmd_base import DoitCmdBase

from rules.analysis.project import Project
from rules.catalog import Unchanged
from rules.commands.question import project_of
from rules.commands.reason import Reason, about_paths, seen_from
from rules.doit_support.adapter import invoked_in
from rules.doit_support.outputs import Outputs


class Standing(NamedTuple):
    """How it is with one task."""

    task: Any
    reasons: list[Reason]  # why it is sure to run
    before: list[str]  # tasks that run or may run, and whose results it looks at

    @property
    def is_up_to_date(self) -> bool:
        """Whether it surely does not run."""
        return not self.reasons and not self.before


def standings(command: DoitCmdBase, names: list[str]) -> list[Standing]:
    """Return the tasks of these names and all that they wait for, in the order in which they would run."""
    tasks, project = {task.name: task for task in command.task_list}, project_of(command)
    makers = {target: task.name for task in tasks.values() for target in task.targets}
    found: dict[str, Standing] = {}
    for name in _closure(names, tasks, makers):
        task = tasks[name]
        reasons = _sure(command, task, tasks, project) if task.actions else []
        before = [other for other in _before(task, makers) if other in found and not found[other].is_up_to_date]
        found[name] = Standing(task, reasons, before)
    return list(found.values())


def _sure(command: DoitCmdBase, task: Any, tasks: Mapping[str, Any], project: Project) -> list[Reason]:
    """Return why the task is sure to run; nothing where that is not sure."""
    if not command.dep_manager._in(task.name) and task.targets:
        return [Reason("it has not been run yet, or it failed")]
    status = command.dep_manager.get_status(task, tasks, get_log=True)
    return list(_reasons(task, status.reasons, project)) if status.status != "up-to-date" else []


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
    """Return the tasks whose results the task looks at, and those that may remove its own; a group has its members.

    Other tasks that must run before it do not make it run. A task's ``meta`` may hold ``undone_by``, the names of those
    that may remove its results.
    """
    if not task.actions:
        return list(task.task_dep)
    looked_at = [check.place for check, _, _ in task.uptodate if isinstance(check, Unchanged)]
    below = {maker for path, maker in makers.items() if any(path.startswith(f"{one}/") for one in looked_at)}
    made = {makers[path] for path in task.file_dep if path in makers}
    return sorted({*below, *made, *(task.meta or {}).get("undone_by", ())})


def _reasons(task: Any, reasons: Mapping[str, Any], project: Project) -> Iterator[Reason]:
    sentences = {
        "missing_file_dep": "an input is missing",
        "added_file_dep": "it has a new input",
        "removed_file_dep": "an input is no longer one",
        "changed_file_dep": "an input changed",
        "missing_target": "an output is missing",
    }
    places = (project.settings.build_dir, project.settings.dist_dir, project.specs_dir.parent)
    for key, sentence in sentences.items():
        yield from about_paths(sentence, reasons.get(key, ()), invoked_in(), places)
    if reasons.get("has_no_dependencies"):
        yield Reason("it runs whenever it is asked for")
    for check, _, _ in reasons.get("uptodate_false", ()):
        if not (isinstance(check, Outputs) and "missing_target" in reasons):  # which says it better
            yield from _failed_check(check)
    if reasons.get("changed_file_dep") and (receipt := (task.meta or {}).get("receipt")):
        yield from _members(task, Path(receipt), project)


def _failed_check(check: object) -> Iterator[Reason]:
    if check is False:
        yield Reason("it runs whenever it is asked for")
    elif isinstance(check, Unchanged):
        yield _changed_artifact(check)
    elif type(check).__name__ == "config_changed":
        yield Reason("its rule, its options or the version of a tool changed")
    else:
        yield Reason(str(check).strip("<>"))


def _changed_artifact(check: Unchanged) -> Reason:
    place, paths = seen_from(invoked_in(), check.place), check.changes()
    if paths is None:
        return Reason(f"{place} was not looked at before")
    return Reason(f"changed below {place}", paths) if paths else Reason("it was cataloged by older rules")


def _members(task: Any, receipt: Path, project: Project) -> Iterator[Reason]:
    from tools.explain.rebuild import changed_members

    plan = next(iter(task.file_dep))
    changed = changed_members(Path(plan), receipt, project.settings.compression_level)
    for word, paths in changed.kinds() if changed is not None else ():
        yield Reason(f"{word} in it", paths)
