"""What each wheel was made from, as a statement that anyone can make again: in-toto v1 with a SLSA v1 predicate.

A statement is a function of the wheel, its plan and the catalogs of its artifacts. It names no time, no host and no
path, so that a rebuild gives the same bytes, and verification is a comparison. It is not signed here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from tools.errors import UserError
from tools.plan.model import WheelPlan
from tools.receipt import Receipt
from tools.values import decode_json, encode_json, read_json

SUFFIX = ".provenance.json"  # of the file beside the wheel
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "urn:rules-rocm-wheels:wheel:1"  # raised when equal inputs give another statement
BUILDER = "urn:rules-rocm-wheels"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """Where a build keeps what its wheels were made from."""

    plans: Mapping[Path, Path] = field(default_factory=dict)  # receipt -> plan
    catalogs: Path = Path()  # the directory of catalogs
    digests: Mapping[str, str] = field(default_factory=dict)  # artifact -> digest, where the catalog is gone
    level: int = 0  # of compression


def statements(built: Iterable[tuple[Path, Receipt]], origins: Origins) -> dict[str, bytes]:
    """Return file name -> statement of each wheel and sdist that has a plan.

    :raises UserError: when a plan or a catalog is missing.
    """
    digests = dict(origins.digests)
    made = {}
    for path, receipt in built:
        if path not in origins.plans:
            continue
        plan, digest = _plan(origins.plans[path])
        artifacts = sorted({member.source.partition("/")[0] for member in plan.members if member.source})
        for artifact in artifacts:
            if artifact not in digests:
                digests[artifact] = _catalog_digest(origins.catalogs / f"{artifact}.json")
        needed = {artifact: digests[artifact] for artifact in artifacts}
        made[receipt.filename] = statement(receipt, digest, needed, origins.level)
    return made


def statement(receipt: Receipt, plan: str, artifacts: Mapping[str, str], level: int) -> bytes:
    """Return the statement of one file; ``plan`` is its plan's digest, ``artifacts``: name -> digest of its catalog."""
    definition = {
        "buildType": BUILD_TYPE,
        "externalParameters": {
            "distribution": receipt.distribution,
            "version": receipt.version,
            "package": receipt.package,
            "family": receipt.family,
        },
        "internalParameters": {
            "plan": {"sha256": plan},
            "compression": {"level": level, "deflate": version("deflate")},
        },
        "resolvedDependencies": [
            {"name": name, "digest": {"sha256": digest}} for name, digest in sorted(artifacts.items())
        ],
    }
    return encode_json(
        {
            "_type": STATEMENT,
            "subject": [{"name": receipt.filename, "digest": {"sha256": receipt.sha256}}],
            "predicateType": PREDICATE,
            "predicate": {"buildDefinition": definition, "runDetails": {"builder": {"id": BUILDER}}},
        }
    )


def _plan(file: Path) -> tuple[WheelPlan, str]:
    """Return a plan and hex sha256 of its file, which is canonical: equal plans have equal ones."""
    plan = read_json(file, WheelPlan)
    return plan, hashlib.sha256(file.read_bytes()).hexdigest()


def _catalog_digest(catalog: Path) -> str:
    """Return hex sha256 of a catalog, which is the same for an artifact's directory, its archive and a bucket."""
    try:
        return hashlib.sha256(catalog.read_bytes()).hexdigest()
    except OSError as error:
        raise UserError(f"{catalog}: cannot be read: {error.strerror}; run doit index") from None


def dependencies_of(directory: Path) -> dict[str, str]:
    """Return artifact -> digest of all statements in a directory: what a promotion has no catalogs for any more.

    :raises UserError: when one cannot be read.
    """
    found: dict[str, str] = {}
    for file in sorted(directory.rglob(f"*{SUFFIX}")):
        try:
            value: Any = decode_json(file.read_bytes(), object)
            rows = value["predicate"]["buildDefinition"]["resolvedDependencies"]
            found |= {row["name"]: row["digest"]["sha256"] for row in rows}
        except (OSError, msgspec.DecodeError, KeyError, TypeError) as error:
            raise UserError(f"{file}: is no statement of provenance: {error}; run doit index") from None
    return found
