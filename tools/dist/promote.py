"""A release candidate into a release: the same payload, byte for byte, under another version.

Works from the plans, receipts and wheels of the candidate alone. Each plan gets the new version where the planner
wrote the old one, in the texts it generated; the wheel is then built as any other, with every compressed member
copied from the candidate. So the result is what a direct build of the new version would give.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import msgspec

from tools.dist.gather import SUMS, read_sums
from tools.dist.listing import Built
from tools.errors import UserError, listed
from tools.files import read_json, write_json
from tools.plan.model import Member, WheelPlan
from tools.receipt import Receipt
from tools.wheel.build import WheelRequest, build_wheel
from tools.wheel.payload import payload_of
from tools.wheel.recipe import compressor
from tools.wheel.sdist import SdistRequest, build_sdist
from tools.wheel.sizes import STANDARD
from tools.workers.context import Context

GENERATED = (
    ".package.json",
    "/_build_facts.py",
    "PKG-INFO",
)  # endings of texts outside dist-info that name the version


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


def promote(request: PromoteRequest, context: Context) -> tuple[Path, ...]:
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
    promoted = [_build(restamp(plan, request.before, request.after), reuse, request, context) for plan in plans]
    others = [one.path for one in held if one.receipt.version not in (request.before, request.after)]
    return (*promoted, *others)


def restamp(plan: WheelPlan, before: str, after: str) -> WheelPlan:
    """Return the plan with ``after`` wherever the planner wrote the version ``before``."""
    dist_info = plan.dist_info.replace(f"-{before}.dist-info", f"-{after}.dist-info")
    members = [_restamp_member(member, plan.dist_info, dist_info, before, after) for member in plan.members]
    return msgspec.structs.replace(
        plan,
        version=after,
        filename=_restamp_filename(plan.filename, before, after),
        dist_info=dist_info,
        members=tuple(sorted(members, key=lambda member: member.path)),
    )


def replace_version(text: str, before: str, after: str) -> str:
    """Return ``text`` with one version for another, also where ``+`` is percent-encoded; ``1.0rc1`` is no ``1.0``."""
    for old, new in {before: after, quote(before): quote(after)}.items():
        text = re.sub(rf"(?<![0-9A-Za-z.+!%]){re.escape(old)}(?![0-9A-Za-z+!%]|\.[0-9A-Za-z])", new, text)
    return text


def _restamp_filename(filename: str, before: str, after: str) -> str:
    stem = filename.removesuffix(".tar.gz")  # else the version of an sdist would seem to go on
    return replace_version(stem, before, after) + filename.removeprefix(stem)


def _restamp_member(member: Member, old_info: str, new_info: str, before: str, after: str) -> Member:
    in_info = bool(old_info) and member.path.startswith(f"{old_info}/")
    path = new_info + member.path.removeprefix(old_info) if in_info else member.path
    if member.kind == "text" and (in_info or member.path.endswith(GENERATED)):
        return msgspec.structs.replace(member, path=path, argument=replace_version(member.argument, before, after))
    return msgspec.structs.replace(member, path=path)


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


def _build(plan: WheelPlan, reuse: Iterable[Path], request: PromoteRequest, context: Context) -> Path:
    file = request.directory / "plan" / plan.family / f"{plan.package}.json"
    directory = request.directory / "wheel" / plan.family / plan.package
    receipt = directory / "receipt.json"
    write_json(file, plan)
    if plan.filename.endswith(".whl"):
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
    return receipt
