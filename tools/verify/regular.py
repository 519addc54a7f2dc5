"""Files that can be read at once: a FIFO would be waited for, a folder is none, and a link may lead nowhere."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from pathlib import Path

from tools.verify.finding import Finding, error

_PROBLEM = "is no regular file"


def regular(paths: Iterable[Path]) -> tuple[list[Path], list[Finding]]:
    """Return the regular files among the paths, and a finding for each other one."""
    files, odd = [], []
    for path in paths:
        if path.is_file():
            files.append(path)
        else:
            odd.append(error(path.name, "archive", _PROBLEM))
    return files, odd


def read_regular(path: Path) -> bytes:
    """Return what a regular file holds.

    :raises OSError: when it is none, or cannot be read.
    """
    if not path.is_file():
        raise OSError(errno.EINVAL, _PROBLEM, str(path))
    return path.read_bytes()
