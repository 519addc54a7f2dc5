"""``doit info``: what doit knows of a task."""

from __future__ import annotations

from doit import cmd_info

from rules.commands.question import check_known


class Info(cmd_info.Info):
    """doit's ``info``, except that an unknown name is a sentence."""

    def _execute(self, pos_args: list[str], hide_status: bool = False) -> int:
        check_known(pos_args, [task.name for task in self.task_list])
        return int(super()._execute(pos_args, hide_status) or 0)
