"""Where a file of a Debian package goes in an artifact. Pure: paths in, paths out, no file is touched."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tools.sample.debian.table import Artifact, Component, Group, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A path below the base dir, and the component it belongs to."""

    path: str
    component: Component


def place(table: Table, group: Group, path: str) -> Placed | None:
    """Return where the file at ``path`` of a Debian package goes; None if it is left out.

    ``path`` is relative to the system's root (``usr/lib/...``).
    """
    if not _wanted(table, group, path):
        return None
    moved = moved_path(table, group, path)
    if moved is None:
        return None
    return Placed(path=moved, component=_component(table, table.artifacts[group.artifact], moved))


def moved_path(table: Table, group: Group, path: str) -> str | None:
    """Return what stands for Debian's ``path`` in the merged tree; None if it has no place there."""
    for prefix, ours in table.places[group.place]:
        if path.startswith(prefix):
            return ours + path.removeprefix(prefix)
    return None


def link_target(table: Table, group: Group, path: str, target: str) -> str | None:
    """Return the relative target of the link at Debian's ``path`` once both ends have moved.

    None if it would lead out of the tree, or to itself: Debian links between directories that are one here.
    """
    debian = posixpath.normpath(posixpath.join("/", posixpath.dirname(path), target)).lstrip("/")
    ours, theirs = moved_path(table, group, path), moved_path(table, group, debian)
    if ours is None or theirs is None or ours == theirs:
        return None
    return posixpath.relpath(theirs, posixpath.dirname(ours) or ".")


def _wanted(table: Table, group: Group, path: str) -> bool:
    if "/share/doc/" in path and posixpath.basename(path) != "copyright":
        return False  # change logs and examples of a distribution
    return any(fnmatchcase(path, pattern) for pattern in group.only) and not any(
        fnmatchcase(path, pattern) for pattern in table.left_out
    )


def _component(table: Table, artifact: Artifact, path: str) -> Component:
    component = next(name for pattern, name in table.components if fnmatchcase(path, pattern))
    return component if component in artifact.components else artifact.components[0]
