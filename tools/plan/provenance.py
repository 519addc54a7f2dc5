"""Where a wheel's files come from, as a CycloneDX document in its metadata directory (PEP 770).

It names the artifacts, each with one digest over the members that this wheel took, so that a change of other files of
an artifact changes no wheel; and the commits that the artifacts were built from. Neither time nor serial number.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from tools.artifact.base import BASE, MANIFEST
from tools.catalog.model import Catalog
from tools.plan.model import Member
from tools.values import decode_json, encode_json

ABOUT = "ROCm build artifact; members:sha256 is over sha256sum's sorted lines of the files taken from it"
CYCLONEDX = "1.6"  # the version of the specification (ECMA-424)
REPOSITORY = "https://github.com/ROCm/TheRock"
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")  # git's object names
_URL = re.compile(r"https://[A-Za-z0-9./_~%+-]{1,500}")
_NAME = re.compile(r"[A-Za-z0-9._+ -]{1,200}")


class Commit(msgspec.Struct, frozen=True, array_like=True):
    """One repository, as it was when the artifacts were built."""

    name: str
    url: str  # "" when not known
    commit: str


class Provenance(msgspec.Struct, frozen=True):
    """What the artifacts were built from; empty when they do not say."""

    commits: tuple[Commit, ...] = ()


UNKNOWN = Provenance()


def read_provenance(catalogs: Iterable[Catalog]) -> Provenance:
    """Return what the manifest in ``base_lib_generic`` says; nothing when it is absent or strange."""
    manifests = [catalog.texts.get(MANIFEST, "") for catalog in catalogs if catalog.artifact == BASE]
    return parse_provenance(manifests[0].encode()) if manifests else UNKNOWN


def parse_provenance(manifest: bytes) -> Provenance:
    """Return the commits of a manifest, each once: TheRock's own first, submodules by name; nonsense is left out."""
    try:
        values: Any = decode_json(manifest, object)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return UNKNOWN
    if not isinstance(values, dict):
        return UNKNOWN
    rows = values.get("submodules")
    found = [_commit(row) for row in rows] if isinstance(rows, list) else []
    main = _commit({"submodule_name": "TheRock", "pin_sha": values.get("the_rock_commit"), "submodule_url": REPOSITORY})
    submodules = sorted(filter(None, found), key=lambda one: (one.name, one.commit, not one.url, one.url))
    known: dict[tuple[str, str], Commit] = {}
    for one in filter(None, [main, *submodules]):
        known.setdefault((one.name, one.commit), one)
    return Provenance(commits=tuple(known.values()))


def sbom_text(distribution: str, version: str, members: Iterable[Member], provenance: Provenance) -> str:
    """Return the document of one wheel; equal arguments give equal text, in any order of the members."""
    repositories = [
        _repository(commit) for commit in sorted(provenance.commits, key=lambda one: (one.name, one.commit))
    ]
    components = [*repositories, *(_artifact(name, taken) for name, taken in _by_artifact(members).items())]
    references = sorted(component["bom-ref"] for component in components)
    document = {
        "$schema": f"http://cyclonedx.org/schema/bom-{CYCLONEDX}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": CYCLONEDX,
        "version": 1,
        "metadata": {
            "component": {
                "type": "library",
                "bom-ref": "wheel",
                "name": distribution,
                "version": version,
                "purl": package_url(distribution, version),
            }
        },
        "components": components,
        "dependencies": [*({"ref": one} for one in references), {"ref": "wheel", "dependsOn": references}],
    }
    return encode_json(document).decode()


def package_url(distribution: str, version: str) -> str:
    """Return what a distribution is called wherever packages of several kinds are (the purl specification, pypi)."""
    return f"pkg:pypi/{distribution.lower()}@{quote(version, safe='')}"


def _by_artifact(members: Iterable[Member]) -> dict[str, list[str]]:
    """Return artifact -> lines as sha256sum(1) prints them for the members taken from it, sorted."""
    found: dict[str, set[str]] = {}
    for member in members:
        if member.source:
            artifact, _, path = member.source.partition("/")
            found.setdefault(artifact, set()).add(f"{member.sha256}  {path}\n")
    return {artifact: sorted(found[artifact]) for artifact in sorted(found)}


def _artifact(name: str, lines: list[str]) -> dict[str, Any]:
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    return {
        "type": "library",
        "bom-ref": f"artifact:{name}",
        "name": name,
        "description": ABOUT,
        "properties": [
            {"name": "rocm:artifact:members", "value": str(len(lines))},
            {"name": "rocm:artifact:members:sha256", "value": digest},
        ],
    }


def _repository(commit: Commit) -> dict[str, Any]:
    link = {"externalReferences": [{"type": "vcs", "url": commit.url}]} if commit.url else {}
    return {
        "type": "application",
        "bom-ref": f"source:{commit.name}@{commit.commit}",
        "name": commit.name,
        "version": commit.commit,
        **link,
    }


def _commit(row: object) -> Commit | None:
    if not isinstance(row, Mapping):
        return None
    name, url, commit = (row.get(key) for key in ("submodule_name", "submodule_url", "pin_sha"))
    if not (isinstance(name, str) and _NAME.fullmatch(name) and isinstance(commit, str) and _COMMIT.fullmatch(commit)):
        return None
    return Commit(name, url if isinstance(url, str) and _URL.fullmatch(url) else "", commit)
