"""What wheels of others require of ROCm, against what a dist offers."""

from __future__ import annotations

import email.parser
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.version import Version

from tools.dist.listing import Built, read_receipts
from tools.errors import UserError
from tools.naming import project_name
from tools.values import write_json

META = "rocm"  # the distribution with the extras
PYTHONS = tuple(f"3.{minor}" for minor in range(9, 16))  # one of which a marker may ask for


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What a dist has of its own."""

    versions: Mapping[str, str]  # normalised name of a distribution -> its version
    extras: frozenset[str]  # of META, in normal form


@dataclass(frozen=True, slots=True, kw_only=True)
class OffersRequest:
    """The receipts of wheels of others, and what they are to find."""

    receipts: tuple[Path, ...]
    offers: Offers
    report: Path  # written: each requirement that is met


def check_offers(request: OffersRequest, context: object = None) -> None:
    """Find every requirement on ``rocm`` and ``rocm-...`` in what the dist offers.

    :raises UserError: when one is not met; all of them are named.
    """
    others = read_receipts(request.receipts)
    problems, met = [], []
    for one in others:
        for requirement in rocm_requirements(one.receipt.metadata):
            if problem := unmet(requirement, request.offers, others):
                problems.append(f"{one.receipt.filename} requires {requirement}: {problem}")
            else:
                met.append([one.receipt.filename, str(requirement)])
    if problems:
        raise UserError("also: " + "; ".join(problems))
    write_json(request.report, met)


def rocm_requirements(metadata: str) -> Iterator[Requirement]:
    """Yield what METADATA asks of ROCm on some Linux: with any extra, on any Python."""
    fields = email.parser.HeaderParser().parsestr(metadata)
    extras = ["", *fields.get_all("Provides-Extra", [])]
    for line in fields.get_all("Requires-Dist", []):
        requirement = Requirement(line)
        name = project_name(requirement.name)
        if (name == META or name.startswith(f"{META}-")) and _applies(requirement, extras):
            yield requirement


def unmet(requirement: Requirement, offers: Offers, others: Iterable[Built]) -> str:
    """Return why the dist does not meet a requirement, "" when it does."""
    name = project_name(requirement.name)
    theirs = {one.receipt.version for one in others if project_name(one.receipt.distribution) == name}
    there = sorted({offers.versions[name]} if name in offers.versions else theirs, key=Version)
    if not there:
        return "this dist has no such distribution"
    if not any(requirement.specifier.contains(version, prereleases=True) for version in there):
        return f"this dist has {', '.join(there)}"
    unknown = {project_name(extra) for extra in requirement.extras} - offers.extras if name == META else set()
    if unknown:
        return f"this dist has no extra {', '.join(sorted(unknown))}; it has {', '.join(sorted(offers.extras))}"
    return ""


def _applies(requirement: Requirement, extras: Iterable[str]) -> bool:
    if requirement.marker is None:
        return True
    environment = {**default_environment(), "os_name": "posix", "sys_platform": "linux", "platform_system": "Linux"}
    marker = requirement.marker
    pythons = ({"python_version": python, "python_full_version": f"{python}.0"} for python in PYTHONS)
    there = [{**{key: str(value) for key, value in environment.items()}, **python} for python in pythons]
    return any(marker.evaluate({**one, "extra": extra}) for extra in extras for one in there)
