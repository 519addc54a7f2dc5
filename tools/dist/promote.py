"""A release candidate into a release: the same payload, byte for byte, under another version.

Works from the plans, receipts and wheels of the candidate alone. Each plan gets the new version in the fields that
the planner wrote the old one to; the wheel is then built as any other, with every compressed member copied from the
candidate. So the result is what a direct build of the new version would give.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from tools.dist.gather import SUMS, read_sums
from tools.dist.listing import Built
from tools.dist.restamp import Stamp, restamp
from tools.errors import UserError, listed
from tools.files import read_json, write_json
from tools.plan.model import WheelPlan
from tools.wheel.build import WheelRequest, build_wheel
from tools.wheel.payload import payload_of
from tools.wheel.receipt import Receipt
from tools.wheel.sdist import SdistRequest, build_sdist


@dataclass(frozen=True, slots=True, kw_only=True)
class PromoteRequest:
    """A finished dist of one version, and the version it becomes."""

    dist_dir: Path
    built: tuple[Path, ...]  # receipts; those that speak of nothing in dist_dir do not matter
    plans: tuple[Path, ...]  # what each was built from, or from which it may be: one for each of ``built``
    before: str  # versions as PEP 440 normalises them
    after: str
    directory: Path  # written: plans, wheels and receipts of the new version
    level: int  # of compression, the one of the candidate
    jobs: int  # cores that compressing may keep busy


def promote(request: PromoteRequest) -> tuple[Path, ...]:
    """Build the new version of everything that the dist holds, and return the receipts of the new dist.

    What has a version of its own, a carried wheel, stays as it is. A dist that is of the new version already gives
    the receipts of what it holds.

    :raises UserError: when the dist does not hold the version, or a plan, a receipt or a wheel is not the one that
        belongs to the dist.
    """
    held = _held(request)
    candidates = [one for one in held if one.receipt.version == request.before]
    if not candidates and any(one.receipt.version == request.after for one in held):
        return tuple(one.path for one in held)
    if not candidates:
        raise UserError(
            f"{request.dist_dir}: holds {listed({one.receipt.version for one in held})}, not {request.before}"
        )
    plan_of = dict(zip(request.built, request.plans, strict=True))
    plans = [_plan(one, plan_of[one.path], request) for one in candidates]
    reuse = tuple(one.path for one in candidates)
    ours = frozenset(canonicalize_name(one.receipt.distribution) for one in candidates)
    stamp = Stamp(before=request.before, after=request.after, ours=ours)
    promoted = [_build(restamp(plan, stamp), reuse, request) for plan in plans]
    others = [one.path for one in held if one.receipt.version not in (request.before, request.after)]
    return (*promoted, *others)


def _held(request: PromoteRequest) -> list[Built]:
    """Return a receipt for each file that the dist holds."""
    sums = read_sums(request.dist_dir)
    if not sums:
        raise UserError(f"{request.dist_dir}: has no {SUMS}; run doit dist")
    held: dict[str, Built] = {}
    for path in request.built:
        one = Built(path=path, receipt=read_json(path, Receipt))
        if sums.get(one.receipt.filename) == one.receipt.sha256:
            held.setdefault(one.receipt.filename, one)
    if missing := set(sums) - set(held):
        raise UserError(f"{request.dist_dir}: no receipt describes {listed(missing)}; they cannot be promoted")
    return [held[name] for name in sorted(held)]


def _plan(built: Built, file: Path, request: PromoteRequest) -> WheelPlan:
    """Return the plan that the wheel was built from, once that and the wheel are certain."""
    receipt = built.receipt
    plan = read_json(file, WheelPlan)
    payload = [payload_of(member, request.level) for member in plan.members]
    rows = {row.path: row.recipe for row in receipt.members if row.path != f"{plan.dist_info}/RECORD"}
    if plan.filename != receipt.filename or (rows and {one.path for one in payload} != set(rows)):
        raise UserError(f"{file}: is not the plan of {receipt.filename}; build {request.before} again")
    if other := [one.path for one in payload if rows and rows[one.path] != one.recipe]:
        raise UserError(
            f"{receipt.filename}: was built from other sources or with another compression than now, as are"
            f" {listed(other)}; build {request.before} again"
        )
    with built.file.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != receipt.sha256:
            raise UserError(f"{built.file}: is not what was built; build {request.before} again")
    return plan


def _build(plan: WheelPlan, reuse: Iterable[Path], request: PromoteRequest) -> Path:
    file = request.directory / "plan" / plan.family / f"{plan.package}.json"
    directory = request.directory / "wheel" / plan.family / plan.package
    receipt = directory / "receipt.json"
    write_json(file, plan)
    if plan.filename.endswith(".whl"):
        nowhere = request.directory / "artifacts"  # never read: every member that has a source is in a wheel
        build_wheel(
            WheelRequest(
                plan=file,
                artifact_dir=nowhere,
                directory=directory,
                receipt=receipt,
                level=request.level,
                threads=request.jobs,
                reuse=tuple(reuse),
            )
        )
    else:
        build_sdist(SdistRequest(plan=file, directory=directory, receipt=receipt))
    return receipt
