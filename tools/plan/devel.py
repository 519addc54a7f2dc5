"""The link table of a devel root: what ``rocm-sdk init`` makes beside the files that the wheel holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from operator import attrgetter
from typing import NamedTuple

import msgspec

from tools.plan.tree import TreeRow


class Link(msgspec.Struct, frozen=True, array_like=True):
    """One row of ``links.json``."""

    path: str  # in the root
    kind: str  # "symlink", or "real": a hard link or a copy
    platform_package: str
    target: str  # path in it


class LinkTable(NamedTuple):
    """The links of a root, in order of their paths, and the names that would lead nowhere."""

    links: tuple[Link, ...]
    dangling: tuple[TreeRow, ...]


def link_table(rows: Iterable[TreeRow], root: str, platforms: Mapping[str, str], shared: Collection[str]) -> LinkTable:
    """Return the links that make ``root`` one tree of the rows.

    ``platforms`` has the platform package of every provider there is; a row of another provider leads nowhere. Rows of
    the root itself are files that its wheel holds. A directory that one provider fills alone becomes one link, unless
    the provider is one of ``shared``: others write to its platform package, too.
    """
    present = sorted((row for row in rows if row.package in platforms), key=attrgetter("path"))
    present, dangling = _without_dangling(present)
    folded = _folded(present, root, platforms, shared)
    links: list[Link] = []
    tops: dict[str, str | None] = {}  # directory -> the folded one that it is or lies in
    for row in present:
        directory = row.path.rpartition("/")[0]
        if directory not in tops:
            tops[directory] = _topmost(row.path, folded)
        top = tops[directory]
        if top is not None:
            if not links or links[-1].path != top:
                links.append(Link(top, "symlink", platforms[row.package], top))
        elif row.kind == "link":
            links.append(Link(row.path, "symlink", root, row.target))
        elif platforms[row.package] != root:
            links.append(Link(row.path, row.kind, platforms[row.package], row.target))
    return LinkTable(tuple(links), tuple(dangling))


def _without_dangling(rows: list[TreeRow]) -> tuple[list[TreeRow], list[TreeRow]]:
    files = {row.path for row in rows if row.kind != "link"}
    links = {row.path: row.target for row in rows if row.kind == "link"}
    directories = _parents(files)
    dangling = {path for path, target in links.items() if not _arrives(target, links, files, directories)}
    return [row for row in rows if row.path not in dangling], [row for row in rows if row.path in dangling]


def _arrives(target: str, links: Mapping[str, str], files: set[str], directories: set[str]) -> bool:
    seen = set()
    while target in links and target not in seen:
        seen.add(target)
        target = links[target]
    return target in files or target in directories


def _folded(rows: list[TreeRow], root: str, platforms: Mapping[str, str], shared: Collection[str]) -> frozenset[str]:
    """Return every directory that one provider other than the root fills alone with plain files."""
    provider: dict[str, str | None] = {}  # directory -> its only provider; None: not to be folded
    for row in rows:
        plain = row.kind == "symlink" and row.target == row.path and row.package not in shared
        owner = row.package if plain and platforms[row.package] != root else None
        directory = row.path.rpartition("/")[0]
        while directory and provider.get(directory, "") not in {owner, None}:  # else those above know it, too
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
