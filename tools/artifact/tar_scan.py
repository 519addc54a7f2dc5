"""What a tar holds, as a scan of a directory with the same files would find it."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tools.artifact.contents import below, problem_of
from tools.artifact.model import Found
from tools.artifact.names import unfit
from tools.artifact.walk import EMPTY_DIRECTORY, Row, Tree
from tools.errors import UserError, listed

if TYPE_CHECKING:
    from tools.artifact.plain_tar import PlainTar
    from tools.artifact.tar_tree import Member

_TYPES = {"file": stat.S_IFREG, "link": stat.S_IFLNK, "dir": EMPTY_DIRECTORY}


def found_in(tar: PlainTar, members: Sequence[Member], base_dirs: Sequence[str]) -> list[Found]:
    """Return what the members are, in order of (base, path).

    Two names of one file have one place in the tar, and so one identity.

    :raises UserError: when something cannot be packaged; all culprits are named.
    """
    rows = [_row(member) for member in members]
    if problem := problem_of(Tree(rows=rows, unreadable=()), base_dirs):
        raise UserError(f"{tar.place}: {problem}")
    targets = {member.path: member.target for member in members if member.kind == "link"}
    if wrong := [path for path, target in targets.items() if unfit([target])]:
        links = listed(f"{path} -> {targets[path]!r}" for path in wrong)
        raise UserError(f"{tar.place}: link targets must be UTF-8 without control characters or backslashes: {links}")
    return list(_all_found(tar, rows, targets, base_dirs))


def _row(member: Member) -> Row:
    """Return the row that a walk would give, but for its numbers: the offset takes the place of the first."""
    mode = _TYPES[member.kind] | (member.mode if member.kind != "dir" else 0)
    return member.path, mode, member.size, member.offset, 0, 0, 0


def _all_found(tar: PlainTar, rows: list[Row], targets: dict[str, str], base_dirs: Sequence[str]) -> Iterator[Found]:
    for base, base_dir in enumerate(base_dirs):
        start = len(base_dir) + 1
        for whole, mode, size, offset, *_ in below(rows, base_dir):
            path = whole[start:]
            if stat.S_ISREG(mode):
                executable = 0o755 if mode & 0o111 else 0o644
                span = tar.span(whole, offset, size)
                yield Found(base, path, "file", executable, size, "", span, tar.identity(offset, size))
            elif mode == EMPTY_DIRECTORY:
                yield Found(base, path, "dir")
            else:
                yield Found(base, path, "link", target=targets[whole])
