"""What may stand in an artifact directory, and where."""

from __future__ import annotations

import stat
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from tools.artifact.manifest import MANIFEST
from tools.artifact.names import unfit
from tools.artifact.walk import EMPTY_DIRECTORY, Row, Tree
from tools.errors import listed

_ALLOWED = frozenset((stat.S_IFREG, stat.S_IFLNK, stat.S_IFDIR))


def problem_of(tree: Tree, base_dirs: Sequence[str]) -> str | None:
    """Return why this tree cannot be packaged, all culprits of the first problem named; None when it can."""
    if tree.unreadable:
        return f"directories cannot be listed: {listed(tree.unreadable)}; make them readable and run again"
    if wrong := unfit(row[0] for row in tree.rows):
        return (
            f"names must be UTF-8 without control characters or backslashes, each part at most 255 bytes: "
            f"{listed(map(repr, wrong))}"
        )
    if special := [row[0] for row in tree.rows if stat.S_IFMT(row[1]) not in _ALLOWED]:
        return f"FIFOs, sockets and devices cannot be packaged: {listed(special)}; remove them"
    others = {row[0] for row in tree.rows if row[1] != EMPTY_DIRECTORY}
    if detours := [base for base in base_dirs if any(path in others for path in _and_parents(base))]:
        return f"base dirs must be reached through directories, not links or files: {listed(detours)}"
    inside = {row[0] for base in base_dirs for row in below(tree.rows, base)}
    if strays := others - inside - {MANIFEST}:
        return f"files lie outside the base dirs that {MANIFEST} lists: {listed(strays)}; list theirs there"
    return None


def below(rows: list[Row], base: str) -> list[Row]:
    """Return the rows below ``base``: rows are in order of path, and "0" is the character after "/"."""
    return rows[bisect_left(rows, (f"{base}/",)) : bisect_left(rows, (f"{base}0",))]


def _and_parents(base: str) -> Iterator[str]:
    parts = base.split("/")
    return ("/".join(parts[: count + 1]) for count in range(len(parts)))
