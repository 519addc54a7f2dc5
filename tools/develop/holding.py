"""What an environment holds of a package: by its RECORDs, and by what earlier runs put there."""

from __future__ import annotations

import csv
import os
import posixpath
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tools.develop.environment import Environment
from tools.develop.model import Package, Stamp, State
from tools.errors import UserError
from tools.naming import DIST_INFO, project_name
from tools.values import read_json

RECORD = "RECORD"
ALIAS = "_rocm_sdk_devel"  # the runtime's link to the devel tree of one family, see _alias.py of rocm_sdk_core


def stamp_of(path: str) -> Stamp | None:
    """Return the stamp of a regular file; None for anything else, and where nothing is."""
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return (status.st_size, status.st_mtime_ns, status.st_ino) if stat.S_ISREG(status.st_mode) else None


def stamps(environment: Environment, paths: Iterable[str]) -> dict[str, Stamp | None]:
    """Return the stamp of what is at each path, which is relative to site-packages."""
    site = environment.site
    return {path: stamp_of(f"{site}/{path}") for path in paths}


def read_state(file: Path) -> State:
    """Return what earlier runs wrote down; nothing where there is none, or it was damaged."""
    if not file.exists():
        return State()
    try:
        return read_json(file, State)
    except UserError:  # what it says is only a shortcut
        return State()


def metadata_directories(environment: Environment) -> dict[str, list[str]]:
    """Return project -> names of its ``.dist-info`` directories; several where an installer was killed."""
    found: dict[str, list[str]] = {}
    with os.scandir(environment.site) as entries:
        for entry in entries:
            if entry.name.endswith(DIST_INFO) and entry.is_dir(follow_symlinks=False):
                found.setdefault(project_name(entry.name.partition("-")[0]), []).append(entry.name)
    return found


def alias_of(environment: Environment, tree: str) -> str:
    """Return the alias of a devel tree; "" where it leads to another one or is the tree itself.

    Where there is none yet, the runtime makes it lead to the tree that it makes first.
    """
    place = environment.site / ALIAS
    if place.is_symlink():
        return ALIAS if str(place.readlink()) == tree else ""
    return "" if place.exists() else ALIAS


def paths_before(
    environment: Environment, package: Package, directories: Iterable[str], state: State, *, is_ours: bool
) -> set[str]:
    """Return every path that belongs to the package as it is.

    ``is_ours``: its RECORD is the one that the last run left, and says what the state says.
    """
    paths = {*state.held, *state.begun}
    for directory in directories:
        if directory != package.dist_info or not is_ours:
            paths.update(recorded(environment, directory))
            paths.update(_files(environment, directory))
    paths.discard(package.record)
    return paths


def recorded(environment: Environment, directory: str) -> Iterator[str]:
    """Yield the files that RECORD in a ``.dist-info`` directory names, if they lie in the environment."""
    try:
        with (environment.site / directory / RECORD).open(newline="", encoding="utf-8", errors="replace") as file:
            rows = [row[0] for row in csv.reader(file) if row and row[0]]
    except (OSError, csv.Error):
        return
    top = f"{environment.directory}/"
    for path in rows:
        place = posixpath.normpath(posixpath.join(environment.site.as_posix(), path))
        if place.startswith(top) and not path.endswith("/"):
            yield path if not path.startswith("/") else os.path.relpath(place, environment.site)


def owners(environment: Environment, ours: Iterable[str], paths: frozenset[str]) -> Mapping[str, str]:
    """Return path -> ``.dist-info`` directory of those of ``paths`` that a package other than ``ours`` recorded."""
    left = frozenset(ours)
    found: dict[str, str] = {}
    for names in metadata_directories(environment).values():
        for name in names:
            if name not in left:
                found |= {path: name for path in recorded(environment, name) if path in paths}
    return found


def _files(environment: Environment, directory: str) -> Iterator[str]:
    top = environment.site / directory
    for file in top.rglob("*"):
        if file.is_symlink() or not file.is_dir():
            yield file.relative_to(environment.site).as_posix()
