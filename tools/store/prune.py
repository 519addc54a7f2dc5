"""Old nightlies leave the store, and whatever nobody can use; what goes too early is made again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from packaging.version import Version

from tools.dist.published import is_nightly
from tools.naming import read_name
from tools.store.objects import Object, open_objects
from tools.store.store import SHAPES, STORING, WHEELS

DAY = 86_400.0  # seconds; longer than anybody needs to store one wheel


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneRequest:
    """A store, and what stays there."""

    store: str  # URL
    keep: int  # newest nightlies
    now: float  # seconds since the epoch
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What goes, or would go."""

    removed: tuple[Object, ...]  # in the order in which it goes
    versions: tuple[str, ...]  # nightlies, the oldest first
    foreign: tuple[str, ...]  # names of what is nothing of a store; it stays

    @property
    def size(self) -> int:
        """Bytes of what goes."""
        return sum(one.size for one in self.removed)


def prune(request: PruneRequest) -> Pruned:
    """Remove what has no use, unless this is a dry run, and return what it is.

    :raises UserError: when the store cannot be used.
    """
    objects = open_objects(request.store, STORING)
    pruned = plan_prune(objects.below(""), keep=request.keep, now=request.now)
    if not request.dry_run:  # receipts first: at no time is one without its wheel
        objects.remove(*(one.name for one in pruned.removed if _kind(one) == "receipts"))
        objects.remove(*(one.name for one in pruned.removed if _kind(one) != "receipts"))
    return pruned


def plan_prune(objects: Iterable[Object], *, keep: int, now: float) -> Pruned:
    """Return what goes when the ``keep`` newest nightlies stay, with every version that is no nightly.

    Catalogs, plans and files have no version: those written before the last wheel that goes, go with it. So do a
    receipt without a wheel and, a day later, what somebody began to store and did not finish.
    """
    found = sorted(objects, key=lambda one: one.name)
    wheels = {one.name.split("/")[1]: one for one in found if _kind(one) == WHEELS}
    versions = _old_nightlies(wheels.values(), keep)
    old = {key for key, wheel in wheels.items() if _version(wheel) in versions}
    last = max((wheels[key].modified for key in old), default=0.0)
    receipts = {_key(one) for one in found if _kind(one) == "receipts"}
    removed = []
    for one in found:
        kind, key = _kind(one), _key(one)
        if kind == "receipts":
            goes = key in old or key not in wheels
        elif kind == WHEELS:
            goes = key in old or (key not in receipts and one.modified < now - DAY)
        elif kind == "unfinished":
            goes = one.modified < now - DAY
        else:
            goes = kind in SHAPES and one.modified < last
        if goes:
            removed.append(one)
    return Pruned(
        removed=tuple(sorted(removed, key=lambda one: (_kind(one) != "receipts", one.name))),
        versions=tuple(sorted(versions, key=Version)),
        foreign=tuple(one.name for one in found if not _kind(one)),
    )


def _old_nightlies(wheels: Iterable[Object], keep: int) -> set[str]:
    nightlies = sorted({v for wheel in wheels if is_nightly(v := _version(wheel))}, key=Version, reverse=True)
    return set(nightlies[keep:])


def _version(wheel: Object) -> str:
    name = read_name(wheel.name.rpartition("/")[2])
    assert name, "_kind saw to it"
    return str(name.version)


def _kind(one: Object) -> str:
    """Return the folder of what is a thing of ours, "unfinished" of what was to become one, "" of anything else."""
    parts: Sequence[str] = one.name.split("/")
    if parts[-1].startswith(".") and parts[-1].endswith(".part"):
        return "unfinished"
    if len(parts) == 3 and parts[0] == WHEELS and read_name(parts[2]):
        return WHEELS
    return parts[0] if len(parts) == 2 and parts[0] in SHAPES and parts[1].endswith(".json") else ""


def _key(one: Object) -> str:
    return one.name.split("/")[1].removesuffix(".json") if _kind(one) else ""
