"""What the commands that answer questions share: the project, names that must be known, answers on a pipe."""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import Any

from doit.cmd_base import DoitCmdBase
from doit.exceptions import InvalidCommand

from rules.analysis.project import Project
from rules.loading.spec_table import suggestion
from tools.errors import UserError


def project_of(command: DoitCmdBase) -> Project:
    """Return what dodo.py works with."""
    project: Project = command.loader.namespace["PROJECT"]
    return project


def check_known(names: list[str], tasks: Collection[str]) -> None:
    """Refuse a name that no task has, with the one that was probably meant."""
    for name in names:
        if name not in tasks:
            hint = suggestion(name, tasks) or "; `doit list` shows the tasks"
            raise InvalidCommand(f"there is no task {name!r}{hint}")


def needs(arguments: list[str], command: str, what: str) -> None:
    """Refuse a command without arguments, and say what it needs."""
    if not arguments:
        raise InvalidCommand(f"`{command}` needs {what}")


def answer(ask: Any, request: object) -> list[str]:
    """Return the lines of an answer; a UserError becomes a line on stderr and exit code 3."""
    try:
        lines: list[str] = ask(request)
    except UserError as error:
        raise InvalidCommand(str(error)) from None
    return lines


def show(lines: list[str]) -> None:
    """Print the lines, which are all that a command says on a pipe."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
