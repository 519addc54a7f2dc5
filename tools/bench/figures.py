"""Medians of what was measured, ratios of one run, and whether they are what they should be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Literal

import msgspec

from tools.bench.scenarios import Result

GIB = 1 << 30
FOREIGN = {"floor", "setuptools", "zip", "untar"}  # scenarios that are no work of ours


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Medians of a scenario's repetitions, each figure by itself."""

    wall: float  # seconds
    cpu: float  # seconds
    peak_private: int  # bytes; the largest, not the median
    read: int  # bytes
    written: int
    disk_read: int
    disk_written: int
    compressed: int  # members
    payload: int  # bytes of artifacts that were compressed
    reused: int  # members
    size: int  # bytes of wheels
    subject: str
    subject_size: int


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One target."""

    what: str
    value: float
    relation: Literal["<=", ">="]
    target: float
    unit: str

    @property
    def holds(self) -> bool:
        """Say whether the target is reached."""
        return self.value <= self.target if self.relation == "<=" else self.value >= self.target


def figures_of(results: Sequence[Result]) -> Figures:
    """Return the medians of the repetitions of one scenario."""
    return Figures(
        wall=median(result.usage.wall for result in results),
        cpu=median(result.usage.cpu for result in results),
        peak_private=max(result.usage.peak_private for result in results),
        read=_middle(results, lambda result: result.usage.read),
        written=_middle(results, lambda result: result.usage.written),
        disk_read=_middle(results, lambda result: result.usage.disk_read),
        disk_written=_middle(results, lambda result: result.usage.disk_written),
        compressed=_middle(results, lambda result: result.compressed),
        payload=_middle(results, lambda result: result.payload),
        reused=_middle(results, lambda result: result.reused),
        size=_middle(results, lambda result: result.size),
        subject=results[-1].subject,
        subject_size=results[-1].subject_size,
    )


def checks(figures: Mapping[str, Figures]) -> tuple[Check, ...]:
    """Return the targets that can be told from the scenarios that ran."""
    found: list[Check] = []
    cold = figures.get("cold")
    if cold and (floor := figures.get("floor")):
        found.append(_at_most("cold build / floor, wall", cold.wall / floor.wall, 1.3))
        found.append(_at_most("cold build / floor, CPU", cold.cpu / floor.cpu, 1.3))
    if cold and (setuptools := figures.get("setuptools")):
        faster = setuptools.wall / cold.wall
        found.append(Check(what="setuptools / cold build, wall", value=faster, relation=">=", target=5, unit=""))
        found.append(_at_most("cold build / setuptools, bytes", cold.size / setuptools.size, 1.01))
    if no_op := figures.get("no-op"):
        found.append(_at_most("no-op, CPU", no_op.cpu, 1.0, "s"))
        found.append(_at_most("no-op, payload compressed", no_op.payload, 0, "bytes"))
    if tasks := figures.get("list"):
        found.append(_at_most("doit list, wall", tasks.wall, 0.3, "s"))
    for name in ("library", "version"):
        if cold and (changed := figures.get(name)):
            found.append(_at_most(f"{name}, wall; 0.1 x cold + 0.5 s", changed.wall, 0.1 * cold.wall + 0.5, "s"))
            found.append(_at_most(f"{name}, payload compressed", changed.payload, changed.subject_size, "bytes"))
    if stored := figures.get("stored"):
        found.append(_at_most("full store, members compressed", stored.compressed, 0))
    if init := figures.get("init"):
        found.append(_at_most("rocm-sdk init, wall", init.wall, 2.0, "s"))
        found.append(_at_most("rocm-sdk init, new blocks / tree", init.size / init.subject_size, 0.05))
    if own := [one.peak_private for name, one in figures.items() if name not in FOREIGN]:
        found.append(_at_most("peak private memory", max(own) / GIB, 1.0, "GiB"))
    return tuple(found)


def _at_most(what: str, value: float, target: float, unit: str = "") -> Check:
    return Check(what=what, value=value, relation="<=", target=target, unit=unit)


def _middle(results: Sequence[Result], figure: Callable[[Result], int]) -> int:
    return int(median(map(figure, results)))
