"""What lies beside wheels in a dist: wheels of ``rocm`` in folders, lock files, statements of provenance."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from email.parser import HeaderParser
from pathlib import Path

import msgspec
from packaging.requirements import Requirement

from tools.naming import project_name
from tools.record import UNREADABLE
from tools.toml import parse_toml
from tools.values import decode_json
from tools.verify.finding import Finding, error
from tools.verify.identity import Wheel, identify
from tools.verify.index import VARIANTS, VARIANTS_SUFFIX, WHL_TREE, Listed
from tools.verify.record import check_record
from tools.verify.regular import read_regular, regular
from tools.verify.requirements import applies
from tools.verify.sdist import Sdist
from tools.verify.wheel import read_wheel

STATEMENT = ".provenance.json"
LOCK = re.compile(r"pylock\.[^.]+\.toml")  # PEP 751

_METADATA = 16 << 20  # bytes; larger than any


class Digest(msgspec.Struct, frozen=True):
    """What a file is known by, as hex."""

    sha256: str


class Subject(msgspec.Struct, frozen=True):
    """A file that a statement speaks of."""

    name: str
    digest: Digest


class _Statement(msgspec.Struct, frozen=True):
    """``FILE.provenance.json`` (in-toto), as far as it says whose it is."""

    subject: tuple[Subject, ...]


class _LockedWheel(msgspec.Struct, frozen=True):
    path: str
    size: int
    hashes: Digest


class _LockedPackage(msgspec.Struct, frozen=True):
    wheels: tuple[_LockedWheel, ...]


class _Lock(msgspec.Struct, frozen=True):
    """A lock file (PEP 751), as far as it names files."""

    packages: tuple[_LockedPackage, ...]


def is_beside(name: str) -> bool:
    """Say whether a file of this name belongs to a dist without being listed."""
    return name.endswith(STATEMENT) or LOCK.fullmatch(name) is not None


def read_entries(dist: Path, pool: Executor) -> tuple[list[Wheel], list[Finding]]:
    """Return the wheels that stand for an sdist in ``whl/``, and what is wrong with each by itself."""
    wheels: list[Wheel] = []
    findings: list[Finding] = []
    files, odd = regular(sorted((dist / WHL_TREE).glob("*.whl")))
    findings += odd
    for path in files:
        read = read_wheel(path, pool)()
        findings += read.findings
        identity, problems = identify(read.contents)
        findings += problems
        if identity is not None:
            wheels.append(Wheel(read.contents, identity))
            findings += check_record(read.contents, identity.dist_info)
    return wheels, findings


def check_entries(
    entries: Iterable[Wheel], wheels: Iterable[Wheel], sdists: Iterable[Sdist], systems: Collection[str]
) -> Iterator[Finding]:
    """Yield entries that are no sdist's, and requirements of theirs that are no pin of something in the dist.

    The dist is for ``systems``: what is required on another one alone is in that one's dist.
    """
    versions = {(wheel.identity.project, wheel.identity.version) for wheel in wheels}
    stood_for = {(sdist.project, sdist.version) for sdist in sdists}
    for entry in entries:
        if (entry.identity.project, entry.identity.version) not in stood_for:
            yield error(entry.name, "entry", "stands for no sdist of the dist")
        for requirement in entry.identity.requires:
            is_met = any(_pins(requirement, *version) for version in versions)
            if not is_met and any(applies(requirement, system) for system in systems):
                yield error(entry.name, "entry", "does not pin what the dist has", str(requirement))


def listed_entry(entry: Wheel) -> Listed:
    """Return how the index has to show it."""
    return Listed(
        filename=entry.name,
        project=entry.identity.project,
        version=entry.identity.version,
        size=entry.contents.size,
        sha256=entry.contents.sha256,
        requires_python=entry.identity.requires_python,
        metadata=entry.contents.texts.get(f"{entry.identity.dist_info}/METADATA", b""),
        folder=WHL_TREE,
    )


def read_variants(dist: Path) -> tuple[list[Listed], list[Finding]]:
    """Return how the index has to show what lies in ``variants/``, and what there is no file.

    They are wheels whose names say nothing to most tools.
    """
    named = sorted((dist / VARIANTS).glob("rocm-*"))
    files, odd = regular(path for path in named if path.name.endswith((".whl", VARIANTS_SUFFIX)))
    return [_listed_variant(path) for path in files], odd


def _listed_variant(path: Path) -> Listed:
    content = path.read_bytes()
    project, version = path.name.split("-")[:2]
    metadata = _metadata(path) if path.suffix == ".whl" else None
    fields = HeaderParser().parsestr((metadata or b"").decode("utf-8", "replace"))
    return Listed(
        filename=path.name,
        project=project_name(project),
        version=version,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        requires_python=str(fields.get("Requires-Python", "")),
        metadata=metadata,
        folder=VARIANTS,
    )


def _metadata(path: Path) -> bytes:
    try:
        with zipfile.ZipFile(path) as wheel:
            name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
            with wheel.open(name) as file:
                return file.read(_METADATA)
    except (*UNREADABLE, StopIteration):
        return b""


def check_beside(dist: Path, files: Iterable[Listed]) -> Iterator[Finding]:
    """Yield lock files and statements of provenance that speak of other files than those that are there."""
    by_path = {f"{one.folder}/{one.filename}" if one.folder else one.filename: one for one in files}
    for path in sorted(path for path in dist.iterdir() if LOCK.fullmatch(path.name)):
        yield from _check_lock(path, by_path)
    for path in sorted((*dist.glob(f"*{STATEMENT}"), *dist.glob(f"*/*{STATEMENT}"))):
        yield from _check_statement(path, by_path.get(path.relative_to(dist).as_posix().removesuffix(STATEMENT)))


def _check_lock(path: Path, files: Mapping[str, Listed]) -> Iterator[Finding]:
    try:
        lock = msgspec.convert(parse_toml(read_regular(path).decode("utf-8")), _Lock)
    except (OSError, ValueError, msgspec.ValidationError) as problem:
        yield error(path.name, "lock", f"cannot be read: {problem}")
        return
    for row in (row for package in lock.packages for row in package.wheels):
        one = files.get(row.path)
        if one is None:
            yield error(path.name, "lock", "names what the dist does not have", row.path)
        elif (one.size, one.sha256) != (row.size, row.hashes.sha256):
            yield error(path.name, "lock", "has another size or sha256 than the file", row.path)


def _check_statement(path: Path, file: Listed | None) -> Iterator[Finding]:
    if file is None:
        yield error(path.name, "provenance", "belongs to no file of the dist")
        return
    try:
        statement = decode_json(read_regular(path), _Statement)
    except (OSError, ValueError, msgspec.DecodeError) as problem:
        yield error(path.name, "provenance", f"cannot be read: {problem}")
        return
    if [(one.name, one.digest.sha256) for one in statement.subject] != [(file.filename, file.sha256)]:
        yield error(path.name, "provenance", "speaks of another file than the one it lies beside")


def _pins(requirement: Requirement, project: str, version: str) -> bool:
    return project_name(requirement.name) == project and str(requirement.specifier) == f"=={version}"
