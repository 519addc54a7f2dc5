"""The links of the devel trees, made by the runtime that the environment has."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from tools.develop.environment import Environment
from tools.errors import UserError

# Trees hold hard links to programs, so those that are made already follow each change; others only if they are named.
_MAKE = """
import os, sys
site, *wanted = sys.argv[1:]
sys.path.insert(0, site)
try:
    from rocm_sdk_core import _devel, _errors, _site
except ModuleNotFoundError:
    sys.exit(0)
try:
    for root in _site.devel_roots(site):
        if root in wanted or os.path.isdir(os.path.join(site, root, _site.STATE)):
            _devel.make(site, root)
except _errors.SdkError as error:
    sys.exit(str(error))
"""


def make_links(environment: Environment, wanted: Iterable[str]) -> None:
    """Make the links of the trees that are wanted, and put right those of trees that are made already.

    :raises UserError: when the runtime cannot make them; its own words.
    """
    command: list[str | Path] = [environment.python, "-I", "-S", "-c", _MAKE, str(environment.site), *wanted]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise UserError(f"the devel tree: {said or f'its runtime ended with code {done.returncode}'}")
