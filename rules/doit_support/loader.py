"""doit's loader of dodo.py: the first module of ours that doit imports, before it looks for a command.

So it is the place where ``--help`` and ``-h`` become ``help``, wherever they stand.
"""

from __future__ import annotations

import signal
import sys
from typing import Any

from doit import doit_cmd
from doit.cmd_base import DodoTaskLoader

from rules.commands.help import Help

OPTIONS = {"-h", "--help"}
_given: list[str] = []
_words_of = doit_cmd.DoitMain.process_args


class Loader(DodoTaskLoader):
    """doit's own. It is there if doit was started beside our pyproject.toml, which names it, as it names the rest.

    doit makes it before it prints anything.
    """

    is_there = False

    def __init__(self) -> None:
        """Let the process end without a traceback when nobody reads on: ``doit help | head -1``."""
        super().__init__()
        Loader.is_there = True
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def asked_for_help(words: list[str]) -> list[str]:
    """Return ``help``, of the first word if that is a task or a command, for words with ``--help``; else the words."""
    if OPTIONS.isdisjoint(words):
        return words
    return ["help", *(word for word in words[:1] if not word.startswith("-"))]


def empty_word(words: list[str]) -> str:
    """Return a sentence on the first empty word, which doit has not thought of; nothing where there is none."""
    if "" not in words:
        return ""
    before = words[: words.index("")]
    place = f"after {before[-1]!r}" if before else "at its beginning"
    return f"the command line has an empty word {place}; is a variable of the shell empty?"


def _process_args(main: Any, arguments: list[str]) -> list[str]:
    """Do what doit's own method does: take the settings out of the arguments. doit keeps the words to itself.

    Nobody catches an exception here.
    """
    if problem := empty_word(arguments):
        sys.stderr.write(f"ERROR: {problem}\n")
        sys.exit(3)
    _given[:] = asked_for_help(_words_of(main, arguments))
    return list(_given)


def words() -> tuple[str, ...]:
    """Return what the command line says beside settings."""
    return tuple(_given)


doit_cmd.Help = Help  # what doit shows for --help as the first word of all
doit_cmd.DoitMain.process_args = _process_args
