"""``doit why``: which tasks run and for which reason, told without running them."""

from __future__ import annotations

from doit.cmd_base import DoitCmdBase

from rules.commands.question import check_known, needs, show
from rules.commands.reason import Reason
from rules.commands.standing import Standing, standings


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
                show([*_verdict(one), *(f"  {line}" for reason in one.reasons for line in reason.lines())])
        return 0


def _verdict(one: Standing) -> list[str]:
    name = one.task.name
    if one.reasons:
        return [f"{name} runs"]
    if not one.before:
        return [f"{name} is up to date"]
    if not one.task.actions:
        return Reason(f"{name} waits for", tuple(one.before)).lines()
    if len(one.before) == 1:
        return [f"{name} runs if {one.before[0]} gives other content"]
    return Reason(f"{name} runs if one of these gives other content", tuple(one.before)).lines()
