"""The links of the devel trees, made by the runtime that the environment has."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Set
from contextlib import suppress
from pathlib import Path

import msgspec

from tools.develop.environment import Environment
from tools.develop.package import LINKS
from tools.errors import UserError
from tools.files import read_json
from tools.plan.devel import Link


class _Table(msgspec.Struct):
    links: tuple[Link, ...]


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


def release(environment: Environment, paths: Set[str]) -> None:
    """Take hard links to files that somebody wrote into out of the devel trees: nobody would know them for ours.

    ``paths`` are about to be replaced; the links are made anew after that.
    """
    for table in environment.site.glob(f"_rocm_*/*{LINKS}"):
        for link in _real_links(table):
            place, source = table.parent / link.path, f"{link.platform_package}/{link.target}"
            with suppress(OSError):
                if source in paths and place.samefile(environment.site / source) and not place.is_symlink():
                    place.unlink()


def _real_links(table: Path) -> list[Link]:
    try:
        links = read_json(table, _Table).links
    except UserError:  # the runtime tells of it
        return []
    return [link for link in links if link.kind == "real" and ".." not in f"{link.path}/{link.target}".split("/")]


def make_links(environment: Environment, wanted: Iterable[str]) -> None:
    """Make the links of the trees that are wanted, and put right those of trees that are made already.

    :raises UserError: when the runtime cannot make them; its own words.
    """
    command: list[str | Path] = [environment.python, "-I", "-S", "-c", _MAKE, str(environment.site), *wanted]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise UserError(f"the devel tree: {said or f'its runtime ended with code {done.returncode}'}")
