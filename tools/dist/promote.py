"""A release candidate into a release: the same payload, byte for byte, under another version.

Works from the plans, receipts and wheels of the candidate alone. Each plan gets the new version in the fields that
the planner wrote the old one to; the wheel is then built as any other, with every compressed member copied from the
candidate. So the result is what a direct build of the new version would give.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.build_facts import MODULE, read_facts
from tools.dist.gather import SUMS, read_sums
from tools.dist.listing import ALSO, Built
from tools.dist.restamp import Stamp, restamp
from tools.dist.rewrite import RewriteRequest, pins_ours, rewrite
from tools.errors import UserError, listed
from tools.naming import is_wheel, project_name
from tools.plan.model import WheelPlan
from tools.receipt import Receipt
from tools.values import read_json, write_json
from tools.wheel.build import WheelRequest, build_wheel
from tools.wheel.payload import payload_of
from tools.wheel.recipe import compressor
from tools.wheel.sdist import SdistRequest, build_sdist
from tools.wheel.sizes import STANDARD
from tools.workers.context import Context

GENERIC = "generic"  # the family of what any GPU can use


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
    families: frozenset[str] | None = None  # families and GFX targets that the release keeps; None: all
    restamp: bool = False  # change the pins in wheels of others, too
    description: str = field(default="", repr=False)  # template of the sdist's long description


@dataclass(frozen=True, slots=True, kw_only=True)
class Promoted:
    """What a promotion made."""

    receipts: tuple[Path, ...]  # of everything that the new dist holds
    plans: Mapping[Path, Path]  # receipt -> plan, of what has one
    dropped: tuple[str, ...]  # names of files that the release does not have, sorted


def promote(request: PromoteRequest, context: Context) -> Promoted:
    """Build the new version of everything that the dist holds, and return what the new dist has.

    What has a version of its own, a carried wheel or one of others, stays as it is. A dist that is of the new version
    already gives what it holds.

    :raises UserError: when the dist does not hold the version, a plan, a receipt or a wheel is not the one that belongs
        to the dist, or the release would lack what it names.
    """
    held = _held(request)
    plan_of = dict(zip(request.built, request.plans, strict=True))
    ours = [one for one in held if one.receipt.package != ALSO]
    candidates = [one for one in ours if one.receipt.version == request.before]
    if not candidates and any(one.receipt.version == request.after for one in ours):
        existing = {one.path: plan_of[one.path] for one in ours if plan_of[one.path].exists()}
        return Promoted(receipts=tuple(one.path for one in held), plans=existing, dropped=())
    if not candidates:
        raise UserError(
            f"{request.dist_dir}: holds {listed({one.receipt.version for one in ours})}, not {request.before}"
        )
    stamp, kept = _stamp(candidates, request)
    plans = [(one, _plan(one, plan_of[one.path], request)) for one in candidates]
    _check_default([plan for _, plan in plans], stamp)
    reuse = tuple(one.path for one in candidates)
    promoted = [_build(restamp(plan, stamp), reuse, request, context) for one, plan in plans if one in kept]
    own_version = [one.path for one in ours if one.receipt.version not in (request.before, request.after)]
    theirs = [_other(one, stamp, request, context) for one in held if one.receipt.package == ALSO]
    return Promoted(
        receipts=(*(receipt for receipt, _ in promoted), *own_version, *theirs),
        plans=dict(promoted),
        dropped=tuple(sorted(one.receipt.filename for one in candidates if one not in kept)),
    )


def _stamp(candidates: Sequence[Built], request: PromoteRequest) -> tuple[Stamp, list[Built]]:
    """Return what changes, and the candidates that the release keeps."""
    families = {one.receipt.family for one in candidates} - {GENERIC}
    wanted = families if request.families is None else families & request.families
    if families and not wanted:
        raise UserError(f"targets: nothing of them is in the dist, which has {listed(families)}")
    kept = [one for one in candidates if one.receipt.family in {GENERIC, *wanted}]
    names = {one.path: project_name(one.receipt.distribution) for one in candidates}
    dropped = frozenset(names[one.path] for one in candidates if one not in kept)
    stamp = Stamp(
        before=request.before,
        after=request.after,
        ours=frozenset(names.values()),
        dropped=dropped,
        families=frozenset(families - wanted),
        description=request.description,
    )
    return stamp, kept


def _check_default(plans: Iterable[WheelPlan], stamp: Stamp) -> None:
    """A release whose default family it does not have would leave ``rocm[libraries]`` without a meaning."""
    for plan in plans:
        for member in plan.members:
            if member.path == MODULE and not plan.dist_info:
                default = read_facts(member.argument).get("default_family")
                if default in stamp.families:
                    raise UserError(f"targets: {default} is the default family of the dist and must be among them")


def _other(one: Built, stamp: Stamp, request: PromoteRequest, context: Context) -> Path:
    """Return the receipt of a wheel of others: of a rewritten one, where it pins the candidate and that was asked."""
    if not pins_ours(one.receipt, stamp):
        return one.path
    if not request.restamp:
        raise UserError(
            f"{one.receipt.filename}: requires {request.before}, which the release is not; restamp=yes changes its "
            "pins and its version, or leave it out of also=..."
        )
    directory = request.directory / ALSO / one.receipt.filename
    return rewrite(RewriteRequest(built=one, stamp=stamp, directory=directory, level=request.level), context)


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
    payload = [payload_of(member, compressor(request.level, STANDARD)) for member in plan.members]
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


def _build(plan: WheelPlan, reuse: Iterable[Path], request: PromoteRequest, context: Context) -> tuple[Path, Path]:
    """Build one wheel or sdist and return its receipt and its plan."""
    file = request.directory / "plan" / plan.family / f"{plan.package}.json"
    directory = request.directory / "wheel" / plan.family / plan.package
    receipt = directory / "receipt.json"
    write_json(file, plan)
    if is_wheel(plan.filename):
        build_wheel(
            WheelRequest(
                plan=file,
                artifacts=None,
                directory=directory,
                receipt=receipt,
                level=request.level,
                reuse=tuple(reuse),
            ),
            context,
        )
    else:
        build_sdist(SdistRequest(plan=file, directory=directory, receipt=receipt), context)
    return receipt, file
