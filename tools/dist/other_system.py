"""What a build for one system takes out of a dist that held another one's wheels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tools.dist.gather import DistRequest, gather, read_sums
from tools.naming import read_name
from tools.platform.tags import SYSTEMS, systems_of


def gather_and_tell(request: DistRequest, context: object = None) -> dict[str, list[str]]:
    """Gather, and return as "notes" how many wheels of another system left the dist for that.

    :raises UserError: as gathering does.
    """
    before = read_sums(request.dist_dir)
    gather(request, context)
    return {"notes": _notes(request.dist_dir, before, read_sums(request.dist_dir))}


def _notes(dist: Path, before: Iterable[str], after: Iterable[str]) -> list[str]:
    there = {system for name in after for system in _only(name)}
    gone = Counter(system for name in before for system in _only(name) if there and system not in there)
    new = SYSTEMS[min(there)] if there else ""
    return [
        f"{count} wheel{'s' * (count > 1)} for {SYSTEMS[system]} left {dist}, which holds those of one system, now "
        f"{new}; keep each in a dist_dir of its own, and publish both to one url"
        for system, count in gone.items()
    ]


def _only(filename: str) -> set[str]:
    """Return the system that a wheel is for, where it is for one alone."""
    name = read_name(filename)
    systems = systems_of(name.platforms) if name else set()
    return systems if len(systems) == 1 else set()
