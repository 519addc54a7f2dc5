"""The names and stat signatures of a directory tree, read without opening a file."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tools.errors import InputChanged, UserError

# (path, mode, size, mtime_ns, ctime_ns, inode, device), which is the path and tools.artifact.span's Stamp:
# a bare tuple, since 40,000 are made whenever doit asks.
Row: TypeAlias = tuple[str, int, int, int, int, int, int]
_SHOWN = 200  # characters of a path too long for the system
EMPTY_DIRECTORY = stat.S_IFDIR  # the whole mode of such a row; its other numbers are 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """What stands below a directory."""

    rows: list[Row]  # in order of path: everything that is not a directory, and the empty directories
    unreadable: tuple[str, ...]  # directories that cannot be listed
    device: int = 0  # of the directory itself; 0 of a tree that is in none


def walk(directory: Path) -> Tree:
    """Return what stands below ``directory``, paths relative to it with "/". No link below it is followed.

    :raises UserError: when ``directory`` is not a directory that can be listed.
    :raises InputChanged: when something disappears while it is listed.
    """
    root = f"{directory}/"
    rows: list[Row] = []
    unreadable: list[str] = []
    pending = [""]
    while pending:
        prefix = pending.pop()
        try:
            empty = _list(root, prefix, rows, pending)
        except OSError as error:
            if not prefix:
                raise UserError(f"{directory}: cannot be listed: {error.strerror}") from None
            if error.errno == errno.ENAMETOOLONG:  # more than PATH_MAX (path_resolution(7))
                raise UserError(f"{root}{prefix[:_SHOWN]}...: is nested too deeply: {error.strerror}") from None
            if not isinstance(error, PermissionError):
                raise InputChanged(f"{root}{prefix}: changed while it was listed; run again") from None
            unreadable.append(prefix[:-1])
        else:
            if empty and prefix:
                rows.append((prefix[:-1], EMPTY_DIRECTORY, 0, 0, 0, 0, 0))
    rows.sort()
    return Tree(rows=rows, unreadable=tuple(sorted(unreadable)), device=device_of(directory))


def device_of(directory: Path) -> int:
    """Return the device that a directory is on.

    :raises UserError: when it is not there.
    """
    try:
        return os.stat(directory).st_dev  # noqa: PTH116 - one form for a path and a link
    except OSError as error:
        raise UserError(f"{directory}: cannot be looked at: {error.strerror}") from None


def _list(root: str, prefix: str, rows: list[Row], pending: list[str]) -> bool:
    empty = True
    with os.scandir(root + prefix) as entries:
        for entry in entries:
            empty = False
            path = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                pending.append(path + "/")
            else:
                of = entry.stat(follow_symlinks=False)
                rows.append((path, of.st_mode, of.st_size, of.st_mtime_ns, of.st_ctime_ns, of.st_ino, of.st_dev))
    return empty
