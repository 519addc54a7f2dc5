"""A step as doit wants it: declared inputs and outputs, one module-level function and one frozen request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from doit.exceptions import TaskFailed
from doit.tools import config_changed

from rules.doit_support.outputs import Outputs
from rules.engine import Engine
from tools.errors import UserError

Request = TypeVar("Request")
Task = dict[str, Any]


def step(
    group: str,
    name: str | None,
    doc: str,
    *,
    engine: Engine,
    function: Callable[[Request], object],
    request: Request,
    inputs: Iterable[Path] = (),
    outputs: Iterable[Path],
    key: Mapping[str, object],
    checks: Iterable[object] = (),
    after: Iterable[str] = (),
    meta: Mapping[str, object] | None = None,
) -> Task:
    """Return the doit task ``group:name``, or ``group`` without a name, that runs ``function(request)``.

    It runs when an input's content changed, when an output is not the file that was written, when ``key``
    (JSON: the rule's version and options) changed, or when one of the further ``checks`` says no. ``after``
    names tasks to run first. A UserError fails the task with its sentence; any other exception is a bug.
    """
    names = {"basename": group} if name is None else {"basename": group, "name": name}
    return names | {
        "doc": doc,
        "file_dep": [str(path) for path in inputs],
        "targets": [str(path) for path in outputs],
        "task_dep": list(after),
        "uptodate": [config_changed(dict(key)), Outputs(), *checks],
        "actions": [(perform, [engine, function, request])],
        "io": {"capture": False},
        "clean": True,
        "meta": dict(meta or {}),
    }


def group(name: str, doc: str, members: Iterable[str], meta: Mapping[str, object] | None = None) -> Task:
    """Return the task ``name`` that runs its ``members``, in their order, and nothing itself."""
    task: Task = {"basename": name, "doc": doc, "actions": None, "task_dep": list(members)}
    return task | {"meta": dict(meta or {})}


def perform(engine: Engine, function: Callable[[Request], object], request: Request) -> TaskFailed | None:
    """Run ``function(request)``; a UserError becomes a failed task without a traceback."""
    try:
        engine.run(function, request)
    except UserError as error:
        return TaskFailed(str(error))
    return None
