"""``doit diff``: which files two dists differ in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import doit
from doit.cmd_base import Command
from doit.exceptions import InvalidCommand

from rules.commands.question import answer, show


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
        show(answer(compare_dists, DiffRequest(old=here / args[0], new=here / args[1])))
        return 0
