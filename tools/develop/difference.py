"""What has to change in an environment: pure, from what it is to hold and what is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import NamedTuple

from tools.develop.model import Held, Item, Stamp


class Difference(NamedTuple):
    """What has to change for one package."""

    put: list[Item]  # missing, changed, or not known to be right
    gone: list[str]  # paths of it that it has no longer, sorted


def difference(
    items: Mapping[str, Item],
    held: Mapping[str, Held],
    found: Mapping[str, Stamp | None],
    before: Set[str],
) -> Difference:
    """Return what has to change.

    ``held`` is what was put there and ``found`` the stamp of what is at the path of each item; ``before`` are all
    paths that belong to the package as it is.
    """
    put = [item for path, item in items.items() if not _is_right(item, held.get(path), found[path])]
    return Difference(put, sorted(before - items.keys()))


def in_the_way(gone: Iterable[str], wanted: Iterable[str]) -> set[str]:
    """Return those paths of ``gone`` that are a directory above a wanted path, or lie below one."""
    paths = frozenset(wanted)
    above = {parent for path in paths for parent in parents(path)}
    return {path for path in gone if path in above or not paths.isdisjoint(parents(path))}


def parents(path: str) -> Iterable[str]:
    """Yield the directories above a path, the nearest first."""
    while path := path.rpartition("/")[0]:
        yield path


def _is_right(item: Item, held: Held | None, stamp: Stamp | None) -> bool:
    return (
        held is not None
        and stamp is not None
        and held.stamp == stamp
        and held.key == item.key
        and held.executable == item.executable
    )
