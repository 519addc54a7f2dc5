"""The command ``doit``: doit's own, started in the project's root from any folder below it, as git and cargo do.

doit 0.37 reads pyproject.toml, which names our loader and commands, in the current directory alone, before it gives
control to anybody. So the console script of this project, which .venv gets after doit's, takes the place of doit's.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from doit.__main__ import main as run_doit

INVOKED_IN = "DOITW_INVOKED_IN"  # where the user is, when doit was started in another folder; ./doitw sets it, too
DODO = "dodo.py"


def main() -> None:
    """Run doit in the folder of the dodo.py that ``-f`` names, or of the nearest one upwards.

    Where the user is when there is none.
    """
    here = Path.cwd()
    sys.argv[1:], named = with_whole_path(sys.argv[1:], here)
    root = named.parent if named else project_root(here)
    if root is not None and root != here:
        os.environ[INVOKED_IN] = str(here)
        os.chdir(root)
    run_doit()


def with_whole_path(words: Sequence[str], here: Path) -> tuple[list[str], Path | None]:
    """Return the words of the command line with a whole path after ``-f`` or ``--file``, and that path if it is there.

    doit takes such a path from the folder in which it runs, which is not the user's.
    """
    whole = list(words)
    for number, word in enumerate(words):
        joined = re.fullmatch(r"(-f|--file=)(.+)", word)
        if joined is None and (number == 0 or words[number - 1] not in ("-f", "--file")):
            continue
        option, path = joined.groups() if joined else ("", word)
        if (here / path).is_file():
            file = (here / path).resolve()
            whole[number] = f"{option}{file}"
            return whole, file
    return whole, None


def project_root(folder: Path) -> Path | None:
    """Return the nearest folder, from this one upwards, that has a dodo.py."""
    return next((one for one in (folder, *folder.parents) if (one / DODO).is_file()), None)
