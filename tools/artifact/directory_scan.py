"""What a directory holds, and whether it is still the same."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from tools.artifact.contents import below, problem_of
from tools.artifact.model import Found, Scan
from tools.artifact.names import unfit
from tools.artifact.span import changed, whole_file
from tools.artifact.state import HERE, decode, encode, settle, trusted
from tools.artifact.walk import EMPTY_DIRECTORY, Row, walk
from tools.errors import UserError, listed


def scan(directory: Path, base_dirs: tuple[str, ...]) -> Scan:
    """Return what the artifact in ``directory`` holds, once a file that is written again shows it.

    :raises UserError: when something cannot be packaged; all culprits are named.
    :raises InputChanged: when something disappears meanwhile.
    """
    tree = walk(directory)
    if problem := problem_of(tree, base_dirs):
        raise UserError(f"{directory}: {problem}")
    settled = settle(tree.rows)
    found = list(_all_found(f"{directory}/", tree.rows, base_dirs))
    if wrong := [one for one in found if one.target and unfit([one.target])]:
        links = listed(f"{base_dirs[one.base]}/{one.path} -> {one.target!r}" for one in wrong)
        raise UserError(f"{directory}: link targets must be UTF-8 without control characters or backslashes: {links}")
    return Scan(base_dirs, found, encode(trusted(tree.rows, settled), tree.device))


def state(directory: Path) -> bytes:
    """Return the rows of now as bytes.

    :raises UserError: when not all of the directory can be listed.
    """
    tree = walk(directory)
    if tree.unreadable:
        raise UserError(f"{directory}: directories cannot be listed: {listed(tree.unreadable)}")
    return encode(tree.rows, tree.device)


def changes(directory: Path, before: bytes) -> tuple[str, ...]:
    """Return the paths whose rows are others than in the state ``before``, sorted.

    :raises UserError: when the directory cannot be listed.
    :raises ValueError: when ``before`` is no state.
    """
    then = dict.fromkeys(decode(before, HERE))
    tree = walk(directory)
    now = dict.fromkeys(decode(encode(tree.rows, tree.device), HERE))
    return tuple(sorted({row[0] for row in then.keys() ^ now.keys()}))


def _all_found(root: str, rows: list[Row], base_dirs: tuple[str, ...]) -> Iterator[Found]:
    for base, base_dir in enumerate(base_dirs):
        start = len(base_dir) + 1
        for row in below(rows, base_dir):
            yield _found(root, row, base, row[0][start:])


def _found(root: str, row: Row, base: int, path: str) -> Found:
    mode, file = row[1], root + row[0]
    if stat.S_ISREG(mode):
        stamp = row[1:]
        return Found(base, path, "file", 0o755 if mode & 0o111 else 0o644, row[2], "", whole_file(file, stamp), stamp)
    if mode == EMPTY_DIRECTORY:
        return Found(base, path, "dir")
    return Found(base, path, "link", target=_target(file))


def _target(file: str) -> str:
    try:
        return os.readlink(file)  # noqa: PTH115 (Path would tidy the target up)
    except OSError:
        raise changed(file, "changed") from None
