"""The links of the devel trees, made by the runtime that the environment has."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping, Set
from pathlib import Path

import msgspec

from tools.develop.environment import Environment
from tools.develop.package import LINKS
from tools.errors import UserError
from tools.plan.devel import Link
from tools.values import read_json


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


def followers(environment: Environment, paths: Set[str]) -> dict[str, str]:
    """Return the hard links in devel trees that lead to files of ``paths``: path from site-packages -> file's path."""
    found = {}
    for table in environment.site.glob(f"_rocm_*/*{LINKS}"):
        for link in _real_links(table):
            place, source = f"{table.parent.name}/{link.path}", f"{link.platform_package}/{link.target}"
            if source in paths and _is_same(f"{environment.site}/{place}", f"{environment.site}/{source}"):
                found[place] = source
    return found


def follow(environment: Environment, parts: Path, links: Mapping[str, str]) -> None:
    """Have hard links lead to the files that took the place of those they led to, each in one step.

    A run that is killed before the runtime makes the links of a tree leaves no older program in it.
    """
    for place, source in links.items():
        part = parts / "link"
        part.unlink(missing_ok=True)
        try:
            part.hardlink_to(environment.site / source)
            part.replace(environment.site / place)
        except OSError:  # then the runtime makes a copy
            (environment.site / place).unlink(missing_ok=True)


def _is_same(place: str, source: str) -> bool:
    try:
        return os.path.samestat(os.lstat(place), os.lstat(source))
    except OSError:
        return False


def _real_links(table: Path) -> list[Link]:
    try:
        links = read_json(table, _Table).links
    except UserError:  # the runtime tells of it
        return []
    return [link for link in links if link.kind == "real" and ".." not in f"{link.path}/{link.target}".split("/")]


def make_links(environment: Environment, wanted: Iterable[str], held: int) -> None:
    """Make the links of the trees that are wanted, and put right those of trees that are made already.

    ``held`` is the lock of the environment, which stays held until the runtime has ended.

    :raises UserError: when the runtime cannot make them; its own words.
    """
    command: list[str | Path] = [environment.python, "-I", "-S", "-c", _MAKE, str(environment.site), *wanted]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, pass_fds=[held])
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise UserError(f"the devel tree: {said or f'its runtime ended with code {done.returncode}'}")
