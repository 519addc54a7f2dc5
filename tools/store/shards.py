"""What shards were to put into the store and did not, or made of something else; said before anything is done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tools.artifact.source import ArtifactSource
from tools.errors import UserError, listed
from tools.naming import read_name
from tools.plan.model import WheelPlan
from tools.receipt import Receipt
from tools.store.building import key_of
from tools.store.keys import catalog_key
from tools.store.objects import AT_ONCE, Object
from tools.store.store import Store, open_store
from tools.values import decode_json, read_json
from tools.wheel.payload import payload_of

if TYPE_CHECKING:
    from tools.workers.context import Context

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogsRequest:
    """Artifacts whose catalogs the store is to have."""

    store: str  # URL
    artifacts: ArtifactSource
    shards: Mapping[str, str]  # artifact -> the shard that catalogs it


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A wheel that the store is to have."""

    distribution: str
    version: str
    filename: str
    shard: str  # which makes it
    plan: Path
    rule: Mapping[str, object]  # as tools.store.building has it


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelsRequest:
    """Wheels that the store is to have."""

    store: str  # URL
    wheels: tuple[Wanted, ...]


def check_catalogs(request: CatalogsRequest, context: Context) -> None:
    """Find out whether the store has the catalogs of all artifacts that are known without reading them.

    :raises UserError: when it has not; all are named.
    """
    store = open_store(request.store, context.fetching)

    def has(name: str) -> bool:
        identity = request.artifacts.open(name, context.fetching).identity()
        return identity is None or store.has("catalogs", catalog_key(name, identity.content))

    if missing := _without(has, tuple(request.shards)):
        again = _again(request.shards[name] for name in missing)
        raise UserError(f"shards: {request.store} has no catalogs of {listed(missing)}; {again}")


def check_wheels(request: WheelsRequest, context: Context) -> None:
    """Find out whether the store has all wheels.

    :raises UserError: when it has not; each is named, with what is there in its place.
    """
    store = open_store(request.store, context.fetching)

    def has(wanted: Wanted) -> bool:
        return store.has("receipts", key_of(wanted.rule, wanted.plan))

    if missing := _without(has, request.wheels):
        there = _by_project(store.wheels())
        by_reason: dict[str, list[str]] = defaultdict(list)
        for one in missing:
            by_reason[_reason(one, there, store)].append(f"{one.distribution} {one.version}")
        lines = "".join(f"\n  {reason}: {listed(by_reason[reason])}" for reason in sorted(by_reason))
        again = _again(one.shard for one in missing)
        raise UserError(f"shards: {request.store} lacks wheels{lines}\n{again}")


def other_artifacts(plan: WheelPlan, receipt: Receipt) -> tuple[str, ...]:
    """Return the artifacts that a wheel would have other contents of, if it were built by the plan, sorted."""
    built = {row.path: row.recipe.rpartition("-")[0] for row in receipt.members}
    members = (member for member in plan.members if member.source)
    other = (member for member in members if built.get(member.path) != payload_of(member, "").key)
    return tuple(sorted({member.source.partition("/")[0] for member in other}))


def _again(shards: Iterable[str]) -> str:
    """Return what puts into the store what is missing there, of these families."""
    commands = listed({f"`doit shard:{shard}`" for shard in shards})
    return f"run {commands} with this store, this version and these artifacts, or go on with shards=no"


def _without(has: Callable[[T], bool], things: Sequence[T]) -> list[T]:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return [thing for thing, is_there in zip(things, threads.map(has, things), strict=True) if not is_there]


def _by_project(wheels: Iterable[tuple[str, str, Object]]) -> dict[str, list[tuple[str, str]]]:
    """Return project -> (key, file name) of its wheels in the store, the oldest first."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for key, filename, _ in sorted(wheels, key=lambda one: one[2].modified):
        if name := read_name(filename):
            found[name.project].append((key, filename))
    return found


def _reason(wanted: Wanted, there: Mapping[str, list[tuple[str, str]]], store: Store) -> str:
    """Return why a wheel is not there, as words before its name."""
    name = read_name(wanted.filename)
    wheels = there.get(name.project, []) if name else []
    keys = [key for key, filename in wheels if filename == wanted.filename]
    if keys:
        return _difference(wanted, store.get("receipts", keys[-1]))
    if wheels:
        versions = {str(other.version) for _, filename in wheels if (other := read_name(filename))}
        return f"there in version {listed(versions)} alone, or for another platform"
    return "built by no shard"


def _difference(wanted: Wanted, receipt: bytes | None) -> str:
    """Return what the plan says that the wheel of a receipt does not hold."""
    if receipt is None:
        return "there with a receipt that is no good"
    artifacts = other_artifacts(read_json(wanted.plan, WheelPlan), decode_json(receipt, Receipt))
    if artifacts:
        return f"there of another {listed(artifacts)}"
    return "there as another checkout or another compression_level makes it"
