"""What a finished build made, as its plans and receipts say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tools.errors import UserError
from tools.plan.model import Member, WheelPlan
from tools.receipt import Receipt
from tools.values import read_json

LIBRARY_SIZE = 1_000_000  # bytes; of the library that a scenario changes
HEADERS = (".h", ".hpp", ".hh", ".cuh", ".inc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """One wheel: its plan, its receipt and itself."""

    plan: WheelPlan
    receipt: Receipt
    wheel: Path


def finished_wheels(build_dir: Path) -> tuple[Finished, ...]:
    """Return the wheels that were planned, in order of family and package.

    :raises UserError: when there is none.
    """
    found = []
    for path in sorted((build_dir / "wheel").glob("*/*/receipt.json")):
        receipt = read_json(path, Receipt)
        plan = build_dir / "plan" / receipt.family / f"{receipt.package}.json"
        if receipt.filename.endswith(".whl") and plan.exists():  # others are carried along as they are
            wheel = path.parent / receipt.filename
            found.append(Finished(plan=read_json(plan, WheelPlan), receipt=receipt, wheel=wheel))
    if not found:
        raise UserError(f"{build_dir}: holds no finished wheel")
    return tuple(found)


def distinct_sources(wheels: tuple[Finished, ...]) -> dict[str, Member]:
    """Return digest -> one of the members that have this source, for every source of the wheels."""
    return {member.sha256: member for member in _sources(wheels)}


def small_library(wheels: tuple[Finished, ...]) -> Member:
    """Return the shared library nearest to :data:`LIBRARY_SIZE`.

    :raises UserError: when there is none.
    """
    libraries = [member for member in _sources(wheels) if ".so" in PurePosixPath(member.path).suffixes]
    if not libraries:
        raise UserError("the wheels hold no shared library that could be changed")
    return min(libraries, key=lambda member: (abs(member.size - LIBRARY_SIZE), member.source))


def usual_header(wheels: tuple[Finished, ...]) -> Member:
    """Return the header of median size.

    :raises UserError: when there is none.
    """
    headers = [member for member in _sources(wheels) if member.path.endswith(HEADERS)]
    if not headers:
        raise UserError("the wheels hold no header that could be changed")
    return sorted(headers, key=lambda member: (member.size, member.source))[len(headers) // 2]


def _sources(wheels: tuple[Finished, ...]) -> Iterator[Member]:
    return (member for wheel in wheels for member in wheel.plan.members if member.source)
