"""``doit help`` in the words of this project."""

from __future__ import annotations

import textwrap
from typing import Any

from doit import cmd_help
from doit.cmd_base import DoitCmdBase
from doit.exceptions import InvalidCommand

from rules.loading.settings import PARSERS
from rules.loading.spec_table import suggestion

USAGE = """\
doit [OPTION...] [TASK...] [NAME=value...]
                    runs tasks, `index` where none is named, with these settings
doit list           shows the tasks; doit list --all each one
doit help TASK      says what a task is for, and its options
doit help COMMAND   says how a command is used; doit help run: options of a run

Commands:
"""

MEANINGS = {  # of the settings that tasks name in their ``meta``
    "artifact_dir": "where the artifacts are; unset: the embedded sample",
    "version": "of the wheels; unset: that of the artifacts, plus .dev0",
    "families": "which to build, separated by commas; unset: all found",
    "default_family": "what rocm[libraries] means where no GPU is found",
    "dist_dir": "where the dist is",
    "url": "where to publish: a directory, s3://BUCKET/FOLDER ...",
    "keep": "newest nightlies (.dev, alpha) that stay there; 0: all",
    "dry_run": "yes: only say what would be done there",
    "yanked": 'TOML file of what is withdrawn: "FILE NAME" = "reason"',
    "port": "unset: 8000; 0: any free one",
    "from": "the version that the dist holds, such as 10.1.0rc1",
    "to": "the version that it becomes, such as 10.1.0",
    "also": "finished wheels of others for dist: files, folders, URL#sha256=HEX",
    "consumers": "the same, only checked",
    "targets": "families or GFX targets that stay; unset: all",
    "restamp": "yes: also change the pins in wheels of others",
    "public_url": "under which people read what is published at url",
    "variants": "yes: the index also offers rocm as wheel variants",
    "agree": "the digest that a first run told: now do remove",
    "provenance": "URL of a published index: compare what it claims",
    "sign": "a command that is given each provenance statement",
}


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
        print("\nSettings, which README.md explains:")
        print(textwrap.fill(", ".join(PARSERS), 78, initial_indent="  ", subsequent_indent="  "))

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
        meta = next(task.meta or {} for task in self.task_list if task.name == pos_args[0])
        for name in meta.get("settings", ()):
            print(f"  {name + '=...':20} {MEANINGS[name]}")
        return True
