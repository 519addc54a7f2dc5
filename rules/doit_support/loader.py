"""doit's loader of dodo.py: the first module of ours that doit imports, before it looks for a command.

So it is the place where ``--help`` and ``-h`` become ``help``, wherever they stand.
"""

from __future__ import annotations

from typing import Any

from doit import doit_cmd
from doit.cmd_base import DodoTaskLoader

from rules.commands.help import Help

OPTIONS = {"-h", "--help"}
_given: list[str] = []
_words_of = doit_cmd.DoitMain.process_args


class Loader(DodoTaskLoader):
    """doit's own."""


def asked_for_help(words: list[str]) -> list[str]:
    """Return ``help``, of the first word if that is a task or a command, for words with ``--help``; else the words."""
    if OPTIONS.isdisjoint(words):
        return words
    return ["help", *(word for word in words[:1] if not word.startswith("-"))]


def _process_args(main: Any, arguments: list[str]) -> list[str]:
    """Do what doit's own method does: take the settings out of the arguments. doit keeps the words to itself."""
    _given[:] = asked_for_help(_words_of(main, arguments))
    return list(_given)


def words() -> tuple[str, ...]:
    """Return what the command line says beside settings."""
    return tuple(_given)


doit_cmd.Help = Help  # what doit shows for --help as the first word of all
doit_cmd.DoitMain.process_args = _process_args
