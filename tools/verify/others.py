"""Wheels of other projects as they are: what installers do not mind is no problem of a dist that holds them."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable

import msgspec

from tools.verify.finding import Finding
from tools.verify.identity import Wheel

_HARMLESS = (  # (check, problem) that every installer passes over
    ("archive", "is a directory entry"),
    ("metadata", "WHEEL: Root-Is-Purelib must be false; it is true"),
)
_FORM = {  # of archives: what pip and uv pass over; wheels of protobuf, which Bazel packs, have such fields
    "has a comment",
    "has a data descriptor",
    "has a ZIP64 end that it does not need",
    "has a ZIP64 field that does not fit its sizes",
    "has a ZIP64 field that it does not need",
}


def others_among(wheels: Iterable[Wheel], ours: Collection[str]) -> list[Wheel]:
    """Return the wheels that no build of ours made or carries."""
    return [wheel for wheel in wheels if wheel.identity.facts is None and wheel.identity.project not in ours]


def without_directories(wheel: Wheel) -> Wheel:
    """Return the wheel without members that are directories: installers make these from the files."""
    files = {path: content for path, content in wheel.contents.files.items() if not path.endswith("/")}
    return wheel._replace(contents=dataclasses.replace(wheel.contents, files=files))


def tolerated(findings: Iterable[Finding], others: Iterable[Wheel]) -> list[Finding]:
    """Return the findings; of others' wheels harmless ones are left out, and matters of form are warnings."""
    names = {wheel.name for wheel in others}
    kept = [one for one in findings if one.file not in names or (one.check, one.problem) not in _HARMLESS]
    return [_as_warning(one) if one.file in names and _is_theirs(one, names) else one for one in kept]


def without_manners(findings: Iterable[Finding], others: Iterable[Wheel]) -> list[Finding]:
    """Return the findings of wheels that no dist of ours holds: how these are called is their own affair."""
    others = list(others)
    names = {wheel.name for wheel in others}
    return [one for one in tolerated(findings, others) if one.file not in names or one.check != "names"]


def _is_theirs(finding: Finding, names: Collection[str]) -> bool:
    """Say whether a problem of a wheel is one of form, or one between wheels of others."""
    between = finding.check == "together" and finding.problem.partition(" ")[0] in names
    form = finding.check == "archive" and finding.problem in _FORM
    return between or form or finding.check in {"names", "metadata"}


def _as_warning(finding: Finding) -> Finding:
    return msgspec.structs.replace(finding, severity="warning")
