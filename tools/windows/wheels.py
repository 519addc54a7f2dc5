"""What is wrong with the DLLs and programs of finished or planned wheels that are installed together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tools.pe.model import PeFacts
from tools.windows.closure import Problem, problems
from tools.windows.lists import Lists
from tools.windows.order import load_problems
from tools.windows.search import Package

_FOLLOWED = 8  # links, one after another; a devel tree needs two


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The PE files of one wheel, and the devel tree that it makes of them and others."""

    package: Package
    is_devel: bool
    links: Mapping[str, str]  # path below site-packages -> what it leads to; of a wheel with a link table


def all_problems(holders: Iterable[Holder], lists: Lists, wanted: Iterable[str]) -> list[Problem]:
    """Return what keeps DLLs and programs of the ``wanted`` distributions from being loaded, sorted.

    Development files are looked at where they are used: in a devel tree, beside the files that its links lead to.
    """
    holders = list(holders)
    files = {path: facts for holder in holders for path, facts in holder.package.files.items()}
    trees = [_as_tree(holder, files) for holder in holders]
    looked_at = {
        path for name in wanted for holder in holders if holder.package.name == name for path in _own(holder, holders)
    }
    found = [one for one in problems(trees, lists) if one.path in looked_at]
    named = set(wanted)
    runtime = [holder.package for holder in holders if not holder.is_devel]
    return sorted({*found, *(one for one in load_problems(runtime, lists) if one.package in named)})


def _as_tree(holder: Holder, files: Mapping[str, PeFacts]) -> Package:
    linked = {path: files[end] for path in holder.links if (end := _end(path, holder.links)) in files}
    return replace(holder.package, files={**linked, **holder.package.files}) if linked else holder.package


def _own(holder: Holder, holders: Iterable[Holder]) -> Iterable[str]:
    """Yield the paths at which a wheel's files are looked at."""
    if not holder.is_devel:
        yield from holder.package.files
    elif holder.links:
        development = {path for other in holders if other.is_devel for path in other.package.files}
        yield from holder.package.files
        yield from (path for path in holder.links if _end(path, holder.links) in development)


def _end(path: str, links: Mapping[str, str]) -> str:
    for _ in range(_FOLLOWED):
        if path not in links:
            break
        path = links[path]
    return path
