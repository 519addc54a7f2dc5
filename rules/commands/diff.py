"""``doit diff``: which files two dists, or two wheels, differ in."""

from __future__ import annotations

from typing import Any

from doit.cmd_base import Command
from doit.exceptions import InvalidCommand

from rules.commands.question import answer, show
from rules.doit_support.adapter import invoked_in


class Diff(Command):
    """Compares the wheels of two dists, or two wheels."""

    name = "diff"
    doc_purpose = "tell which files two dists differ in, by wheel"
    doc_usage = "OLD NEW"
    doc_description = "OLD and NEW: two directories with wheels, or two wheels. The wheels that differ most come first."

    def execute(self, params: Any, args: list[str]) -> int:
        from tools.explain.dists import DiffRequest, compare_dists

        if len(args) != 2:
            raise InvalidCommand("`diff` needs two directories with wheels, or two wheels: OLD NEW")
        here = invoked_in()
        show(answer(compare_dists, DiffRequest(old=here / args[0], new=here / args[1])))
        return 0
