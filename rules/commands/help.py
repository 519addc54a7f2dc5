"""``doit help`` in the words of this project."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from doit import cmd_help
from doit.cmd_base import DoitCmdBase
from doit.exceptions import InvalidCommand

from rules.loading.setting import help_text
from rules.loading.settings import SETTINGS
from rules.loading.spec_table import suggestion

USAGE = """\
doit [OPTION...] [TASK...] [NAME=value...]
                    runs tasks, `index` where none is named, with these settings
doit list           shows the tasks; doit list --all each one
doit help TASK      says what a task is for, and its options
doit help COMMAND   says how a command is used; doit help run: options of a run

Commands:
"""


class Help(cmd_help.Help):
    """doit's ``help``, except that it tells of tasks and settings, and that an unknown name is an error.

    A task's ``meta`` may hold ``settings``, the names of those that matter there.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"bin_name": "doit"})  # it may have been started as `python -m doit`

    def print_usage(self, cmds: dict[str, Any]) -> None:
        """Print what can be done."""
        print(USAGE, end="")
        for name, command in sorted(cmds.items()):
            print(f"  {name:14} {command.doc_purpose}")
        print("\nSettings, which docs/settings.md explains:")
        print(textwrap.fill(", ".join(SETTINGS), 78, initial_indent="  ", subsequent_indent="  "))

    def execute(self, params: Any, args: list[str]) -> int:
        """Print the usage, that of a command, or what a task is for."""
        if len(args) != 1 or args[0] == "task" or args[0] in self.cmds:
            return int(super().execute(params, args))
        if not DoitCmdBase.execute(self, params, args):
            names = (*self.cmds, *(task.name for task in self.task_list))
            hint = suggestion(args[0], names) or "; `doit list` shows the tasks, `doit help` the commands"
            raise InvalidCommand(f"there is no task and no command {args[0]!r}{hint}")
        return 0

    def _execute(self, pos_args: list[str]) -> bool:
        """Print what a task is for, its options and its settings; return whether there is such a task."""
        if not super()._execute(pos_args):
            return False
        for name in _settings(pos_args[0], {task.name: task for task in self.task_list}):
            print(
                textwrap.fill(
                    help_text(SETTINGS[name][1]),
                    78,
                    initial_indent=f"  {name + '=...':20} ",
                    subsequent_indent=" " * 23,
                )
            )
        return True


def _settings(name: str, tasks: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the settings that matter to a task; to a group those of its first member that has any."""
    task = tasks[name]
    found: tuple[str, ...] = (task.meta or {}).get("settings", ())
    if found or task.actions:
        return found
    return next(filter(None, (_settings(member, tasks) for member in task.task_dep)), ())
