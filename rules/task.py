"""A step as doit wants it: declared inputs and outputs, one module-level function and one frozen request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from doit.exceptions import TaskFailed
from doit.tools import config_changed

from rules.doit_support.outputs import Outputs
from rules.engines.engine import Consequence, Engine
from tools.errors import UserError

Given = ParamSpec("Given")
Result = TypeVar("Result")
Task = dict[str, Any]
Job = Callable[[], tuple[Any, ...]]  # gives what Engine.submit takes: an action, its frozen request, and its load


def in_a_sentence(action: Callable[Given, Result]) -> Callable[Given, Result | TaskFailed]:
    """Return a task's action with a UserError as a failed task, which says its sentence and has no traceback."""

    @wraps(action)  # doit looks at the names of its parameters
    def act(*args: Given.args, **words: Given.kwargs) -> Result | TaskFailed:
        try:
            return action(*args, **words)
        except UserError as error:
            return TaskFailed(str(error))

    return act


class Behind(TaskFailed):  # type: ignore[misc]  # doit has no types
    """A task failed because of what another one tells."""


def step(
    group: str,
    name: str | None,
    doc: str,
    *,
    engine: Engine,
    job: Job,
    inputs: Iterable[Path] = (),
    outputs: Iterable[Path],
    key: Mapping[str, object],
    checks: Iterable[object] = (),
    after: Iterable[str] = (),
    meta: Mapping[str, object] | None = None,
) -> Task:
    """Return the doit task ``group:name``, or ``group`` without a name, that runs a job on the engine.

    The task runs when an input's content changed, when an output is not the file that was written, when ``key``
    (JSON: the rule's version and options) changed, or when one of the further ``checks`` says no. ``after`` names
    tasks to run first. The job is worked out only then: listing tasks imports nothing of what does the work.
    A UserError fails the task with its sentence, an OSError with its file and reason; any other exception is a bug.
    """
    names = {"basename": group} if name is None else {"basename": group, "name": name}
    return names | {
        "doc": doc,
        "file_dep": [str(path) for path in inputs],
        "targets": [str(path) for path in outputs],
        "task_dep": list(after),
        "uptodate": [config_changed(dict(key)), Outputs(), *checks],
        "actions": [(perform, [engine, job, group if name is None else f"{group}:{name}"])],
        "io": {"capture": False},
        "clean": True,
        "meta": dict(meta or {}),
    }


def group(name: str, doc: str, members: Iterable[str], meta: Mapping[str, object] | None = None) -> Task:
    """Return the task ``name`` that runs its ``members``, in their order, and nothing itself."""
    task: Task = {"basename": name, "doc": doc, "actions": None, "task_dep": list(members)}
    return task | {"meta": dict(meta or {})}


def perform(engine: Engine, job: Job, name: str = "") -> TaskFailed | dict[str, Any] | None:
    """Run the job; a UserError becomes a failed task without a traceback, and so does a file that cannot be used.

    A trace tells it by ``name``. A job may return a dictionary of JSON values: doit keeps them, the reporter shows
    some.
    """
    try:
        with engine.during(f"{name}: request"):  # which imports what does the work, the first time
            action, request, *load = job()
        result = engine.submit(action, request, *load, name=name).result()
    except UserError as error:
        return (Behind if isinstance(error, Consequence) else TaskFailed)(str(error))
    except OSError as error:
        if error.filename is None:
            raise
        return TaskFailed(f"{error.filename}: {error.strerror}")
    return result if isinstance(result, dict) else None
