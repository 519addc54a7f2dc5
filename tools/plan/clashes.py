"""Wheels that overlay one platform package must not ship a path twice: uninstalling one would break the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tools.errors import SHOWN, UserError
from tools.files import read_json, write_json
from tools.plan.model import WheelPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class ClashRequest:
    """The plans of wheels that can be installed together."""

    plans: tuple[Path, ...]
    report: Path  # written: how many paths were compared


def check_clashes(request: ClashRequest) -> None:
    """Write the report.

    :raises UserError: with every path that two of the wheels ship.
    """
    plans = [read_json(path, WheelPlan) for path in request.plans]
    found = clashes(plans)
    if found:
        shown = "".join(f"\n  {problem}" for problem in found[:SHOWN])
        more = f"\n  and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise UserError(f"wheels that can be installed together ship the same paths:{shown}{more}")
    write_json(request.report, {"wheels": len(plans), "paths": sum(len(plan.members) for plan in plans)})


def clashes(plans: Iterable[WheelPlan]) -> list[str]:
    """Return a sentence for each path that several wheels ship, in order of the paths."""
    owners: dict[str, list[str]] = {}
    for plan in plans:
        for member in plan.members:
            owners.setdefault(member.path, []).append(plan.distribution)
    return [
        f"{path}: in {' and '.join(sorted(names))}; name the file after its target, or ship it in the neutral artifact"
        for path, names in sorted(owners.items())
        if len(names) > 1
    ]
