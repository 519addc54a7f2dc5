"""``doit why``: which tasks run and for which reason, told without running them."""

from __future__ import annotations

from doit.cmd_base import DoitCmdBase

from rules.commands.question import check_known, needs, show
from rules.commands.standing import Standing, standings
from tools.errors import listed


class Why(DoitCmdBase):
    """Tells which tasks run and why, and which may have to."""

    name = "why"
    doc_purpose = "tell what makes a task run, and the tasks before it"
    doc_usage = "TASK..."
    doc_description = None

    def _execute(self, pos_args: list[str]) -> int:
        needs(pos_args, "why", "a task, such as build:generic:core")
        check_known(pos_args, {task.name for task in self.task_list})
        for one in standings(self, pos_args):
            if not one.is_up_to_date or one.task.name in pos_args:
                show([f"{one.task.name} {_verdict(one)}", *(f"  {reason}" for reason in one.reasons)])
        return 0


def _verdict(one: Standing) -> str:
    if one.reasons:
        return "runs"
    if not one.before:
        return "is up to date"
    if not one.task.actions:
        return f"waits for {listed(one.before)}"
    return f"runs if {'one of ' if len(one.before) > 1 else ''}{listed(one.before)} gives other content"
