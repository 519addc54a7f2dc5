"""doit's side of loading: what was given on its command line, and a user's error told without a traceback."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import doit
from doit import doit_cmd
from doit.exceptions import InvalidDodoFile

from rules.analysis.project import Project
from rules.doit_support.loader import Loader, words
from rules.doit_support.start import INVOKED_IN
from tools.errors import UserError

QUESTIONS = frozenset(  # commands that answer from what is kept
    {"list", "help", "info", "why", "explain", "diff", "clean", "forget", "ignore", "dumpdb", "tabcompletion"}
)
WITHOUT_ARTIFACTS = frozenset(
    {"aggregate", "promote", "retain", "serve", "check", "test", "debian-artifacts", "store-prune"}
)  # tasks
TASKS_A_JOB = 8  # tasks under way for each core: one that builds a wheel mostly waits for what compresses
TASKS_OF_CLUSTER = 512  # the same, at most, where a cluster does the work: doit wakes all that wait for each result


def command_line() -> Mapping[str, str]:
    """Return the NAME=value arguments. doit keeps them to itself, so that it could not name unknown ones."""
    return dict(doit_cmd._CMDLINE_VARS or {})


def asks() -> bool:
    """Say whether tasks are run, which look at what they work with; a command answers from what is kept."""
    return not set(words()[:1]) & QUESTIONS


def needs_artifacts() -> bool:
    """Say whether anything that was asked for looks at artifacts."""
    named = {word.partition(":")[0] for word in words() if not word.startswith("-")}
    return not named or not named <= {*WITHOUT_ARTIFACTS, "run"}


@cache
def invoked_in() -> Path:
    """Return the directory that relative paths on the command line start from."""
    return Path(os.environ.pop(INVOKED_IN, "") or doit.get_initial_workdir() or Path.cwd())


def check_start(root: Path) -> None:
    """Refuse to go on without what pyproject.toml names: our commands, and how state is kept.

    :raises UserError: when doit was started in another folder, as with ``python -m doit -f FILE``.
    """
    if not Loader.is_there:
        raise UserError(
            f"{invoked_in()}: `python -m doit` must be started in {root}; `doit` and ./doitw can be anywhere"
        )


@contextmanager
def user_errors() -> Iterator[None]:
    """Turn a UserError into doit's own: a line on stderr and exit code 3."""
    try:
        yield
    except UserError as error:
        raise InvalidDodoFile(str(error)) from None


def configuration(project: Project) -> dict[str, Any]:
    """Return doit's DOIT_CONFIG."""
    from rules.reporting.reporter import Reporter

    return {
        "backend": "durable",
        "dep_file": str(project.state),
        "reporter": Reporter,
        "par_type": "thread",  # the process runner hangs when a worker is killed
        "num_process": _tasks_under_way(project),
        "verbosity": 2,
        "default_tasks": ["index"],
        "cleandep": False,
        "cleanforget": True,
        "wait": project.settings.wait,
        "written": project.written,
        "engine": project.engine,
        "given": command_line(),
    }


def _tasks_under_way(project: Project) -> int:
    settings = project.settings
    if settings.engine == "dask":
        return min(TASKS_OF_CLUSTER, max(TASKS_A_JOB, len(project.artifacts) + len(project.products.products)))
    return TASKS_A_JOB * settings.jobs
