"""``check`` and ``test``: lint, format, types; then the test suite."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from doit.exceptions import TaskFailed

from rules.task import Task

_CHECKS = {  # in the order in which they run: quick ones first
    "lint": ("ruff", "check", "--quiet", "--output-format", "concise", "."),
    "format": ("ruff", "format", "--check", "--quiet", "."),
    "types": ("mypy", "--no-error-summary"),
}


def check_tasks(root: Path, jobs: int) -> Iterator[Task]:
    """Yield the tasks that look after the project itself, one after the other: their output is the user's."""
    yield {"basename": "check", "name": None, "doc": "lint, format and types of the sources"}
    before: list[str] = []
    for name, command in _CHECKS.items():
        yield _task("check", name, command, root) | {"task_dep": before}
        before = [f"check:{name}"]
    yield _task("test", None, ("pytest", "-q", "-n", str(jobs)), root) | {
        "doc": "check, then the test suite; --slow for all of it, --quick for the unit tests",
        "task_dep": ["check"],
        "params": [
            {"name": "slow", "long": "slow", "type": bool, "default": False, "help": "all tests"},
            {"name": "quick", "long": "quick", "type": bool, "default": False, "help": "unit tests only"},
        ],
    }


def run_tool(command: tuple[str, ...], root: Path, slow: bool = False, quick: bool = False) -> TaskFailed | None:
    """Run a Python program of this environment in ``root``; it writes to the terminal itself."""
    arguments = (*command, *(["--slow"] if slow else []), *(["tests/unit"] if quick else []))
    code = subprocess.run((sys.executable, "-m", *arguments), cwd=root, check=False).returncode
    return TaskFailed(f"{' '.join(arguments)} says no (exit code {code})") if code else None


def _task(group: str, name: str | None, command: tuple[str, ...], root: Path) -> Task:
    names = {"basename": group} if name is None else {"basename": group, "name": name}
    return names | {
        "doc": " ".join(command),
        "actions": [(run_tool, [command, root])],
        "uptodate": [False],
        "io": {"capture": False},
        "meta": {"output": True},
    }
