"""The link table of a devel root: what ``rocm-sdk init`` makes beside the files that the wheel holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from tools.plan.tree import TreeRow


class Link(msgspec.Struct, frozen=True, array_like=True):
    """One row of ``links.json``."""

    path: str  # in the root
    kind: str  # "symlink", or "real": a hard link or a copy
    platform_package: str
    target: str  # path in it


class Provided(NamedTuple):
    """A path of a devel tree, and the wheel that brings it."""

    row: TreeRow
    platform_package: str  # where the row's target is, and, of a link, whose name it is
    shared: bool  # wheels of other packages write to that platform package, too


class LinkTable(NamedTuple):
    """The links of a root, in order of their paths, and the names that would lead nowhere."""

    links: tuple[Link, ...]
    dangling: tuple[TreeRow, ...]


def link_table(provided: Iterable[Provided], root: str, *, fold: bool = True) -> LinkTable:
    """Return the links that make ``root``, a platform package, one tree of the rows.

    Rows of the root itself are files that its wheel holds. With ``fold`` a directory that one platform package fills
    alone becomes one link, unless it is shared; without it nothing is a symlink.
    """
    everything = sorted(provided, key=lambda one: one.row.path)
    dangling = _dangling([one.row for one in everything])
    present = [one for one in everything if one.row.path not in dangling]
    folded = _folded(present, root) if fold else frozenset()
    links: list[Link] = []
    tops: dict[str, str | None] = {}  # directory -> the folded one that it is or lies in
    for row, platform_package, _ in present:
        directory = row.path.rpartition("/")[0]
        if directory not in tops:
            tops[directory] = _topmost(row.path, folded)
        top = tops[directory]
        if top is not None:
            if not links or links[-1].path != top:
                links.append(Link(top, "symlink", platform_package, top))
        elif row.kind == "link":
            links.append(Link(row.path, "symlink" if fold else "real", root, row.target))
        elif platform_package != root:
            links.append(Link(row.path, row.kind if fold else "real", platform_package, row.target))
    return LinkTable(tuple(links), tuple(one.row for one in everything if one.row.path in dangling))


def _dangling(rows: list[TreeRow]) -> set[str]:
    """Return the paths of links that lead nowhere."""
    files = {row.path for row in rows if row.kind != "link"}
    links = {row.path: row.target for row in rows if row.kind == "link"}
    directories = _parents(files)
    return {path for path, target in links.items() if not _arrives(target, links, files, directories)}


def _arrives(target: str, links: Mapping[str, str], files: set[str], directories: set[str]) -> bool:
    seen = set()
    while target in links and target not in seen:
        seen.add(target)
        target = links[target]
    return target in files or target in directories


def _folded(present: Iterable[Provided], root: str) -> frozenset[str]:
    """Return every directory that one platform package other than the root fills alone with plain files."""
    provider: dict[str, str | None] = {}  # directory -> its only platform package; None: not to be folded
    for row, platform_package, shared in present:
        plain = row.kind == "symlink" and row.target == row.path and not shared
        owner = platform_package if plain and platform_package != root else None
        directory = row.path.rpartition("/")[0]
        while directory and provider.get(directory, "") not in {owner, None}:  # else the directories above know it
            provider[directory] = None if directory in provider else owner
            directory = directory.rpartition("/")[0]
    return frozenset(directory for directory, owner in provider.items() if owner is not None)


def _topmost(path: str, folded: frozenset[str]) -> str | None:
    end = path.find("/")
    while end != -1:
        if path[:end] in folded:
            return path[:end]
        end = path.find("/", end + 1)
    return None


def _parents(paths: Iterable[str]) -> set[str]:
    found = {""}
    for path in paths:
        parent = path.rpartition("/")[0]
        while parent not in found:
            found.add(parent)
            parent = parent.rpartition("/")[0]
    return found
