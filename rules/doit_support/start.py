"""The command ``doit``: doit's own, started in the project's root from any folder below it, as git and cargo do.

doit 0.37 reads pyproject.toml, which names our loader and commands, in the current directory alone, before it gives
control to anybody. So the console script of this project, which .venv gets after doit's, takes the place of doit's.
"""

from __future__ import annotations

import os
from pathlib import Path

from doit.__main__ import main as run_doit

INVOKED_IN = "DOITW_INVOKED_IN"  # where the user is, when doit was started in another folder; ./doitw sets it, too
DODO = "dodo.py"


def main() -> None:
    """Run doit in the folder that has the nearest dodo.py upwards, or where the user is when there is none."""
    here = Path.cwd()
    root = project_root(here)
    if root is not None and root != here:
        os.environ[INVOKED_IN] = str(here)
        os.chdir(root)
    run_doit()


def project_root(folder: Path) -> Path | None:
    """Return the nearest folder, from this one upwards, that has a dodo.py."""
    return next((one for one in (folder, *folder.parents) if (one / DODO).is_file()), None)
