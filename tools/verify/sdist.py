"""The ``rocm`` sdist: its archive, its names, and the extras that its facts promise."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from packaging.metadata import Metadata
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import Version

from tools.build_facts import MODULE, read_facts
from tools.errors import UserError
from tools.naming import EACH, SDIST, project_name, read_sdist_name
from tools.verify.finding import Finding, error
from tools.verify.member_name import name_problem

_UNREADABLE = (msgspec.ValidationError, SyntaxError, ValueError, RecursionError, MemoryError)  # what read_facts raises
_LARGEST = 64 << 20  # bytes unpacked; ours have some dozen kilobytes


class Package(msgspec.Struct, frozen=True):
    """How the distributions of a package are called: with ``{family}`` in it, one a family."""

    distribution: str
    platform_package: str = ""


class Library(msgspec.Struct, frozen=True):
    """A library that ``rocm_sdk`` knows by a short name; ``linux`` is a pattern below its platform package."""

    package: str
    linux: str | None = None


class SdistFacts(msgspec.Struct, frozen=True):
    """The part of the facts of the build that promises something."""

    version: str
    families: tuple[str, ...]
    packages: dict[str, Package]
    requires: tuple[str, ...]
    extras: dict[str, tuple[str, ...]]
    chosen_extras: dict[str, dict[str, tuple[str, ...]]]
    bootstrap: str | None = None
    libraries: tuple[Library, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sdist:
    """An sdist, as far as it can be read."""

    filename: str
    size: int
    sha256: str
    project: str
    version: str
    requires_python: str
    facts: SdistFacts | None
    findings: list[Finding] = field(default_factory=list)

    def requirements(self) -> Iterator[tuple[str, list[Requirement]]]:
        """Yield (extra, requirements): "" for what is always required; an extra that the GPU decides once a family."""
        if self.facts is None:
            return
        yield "", [*map(Requirement, self.facts.requires)]
        if self.facts.bootstrap:
            yield "", [Requirement(self.facts.bootstrap)]
        for extra, lines in self.facts.extras.items():
            yield extra, [*map(Requirement, lines)]
        for extra, families in self.facts.chosen_extras.items():
            for lines in families.values():
                yield extra, [*map(Requirement, lines)]

    def distributions(self) -> set[str]:
        """Return the normalised names of all distributions that the facts know."""
        facts = self.facts
        if facts is None:
            return set()
        names = {package.distribution for package in facts.packages.values()}
        generic = {name.removesuffix(f"-{EACH}") for name in names}
        of_families = {name.replace(EACH, family) for name in names for family in facts.families}
        return {project_name(name) for name in generic | of_families}


def read_sdist(path: Path) -> Sdist | None:
    """Return what the sdist at ``path`` says, None when its name is not an sdist's.

    :raises UserError: when the file cannot be read.
    """
    try:
        project, version, _ = read_sdist_name(path.name)
        content = path.read_bytes()
    except ValueError:
        return None
    except OSError as problem:
        raise UserError(f"{path}: cannot be read: {problem.strerror}") from None
    findings: list[Finding] = []
    files = _files(path.name, content, findings)
    metadata = _metadata(path.name, files.get("PKG-INFO"), project, version, findings)
    if "pyproject.toml" not in files:  # which names the backend (PEP 517); without it installers want setuptools
        findings.append(error(path.name, "metadata", "has no pyproject.toml"))
    return Sdist(
        filename=path.name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        project=project,
        version=str(version),
        requires_python=str((metadata and metadata.requires_python) or ""),
        facts=_facts(path.name, files.get(MODULE), version, findings) if MODULE in files else None,
        findings=findings,
    )


def _files(name: str, content: bytes, findings: list[Finding]) -> dict[str, bytes]:
    """Return the files below the one directory that an sdist has (PEP 625)."""
    top, files = name.removesuffix(SDIST), {}
    try:
        plain = _unzipped(content)
        with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
            for member in archive:
                problem = name_problem(member.name)
                if not member.isfile():
                    problem = "is no plain file"
                elif not member.name.startswith(f"{top}/"):
                    problem = f"does not lie in {top}/"
                if problem:
                    findings.append(error(name, "archive", problem, member.name))
                    continue
                reader = archive.extractfile(member)
                files[member.name.removeprefix(f"{top}/")] = reader.read() if reader else b""
    except (tarfile.TarError, zlib.error, EOFError, ValueError) as problem:
        findings.append(error(name, "archive", f"cannot be unpacked: {problem}"))
    return files


def _unzipped(content: bytes) -> bytes:
    inflater = zlib.decompressobj(wbits=31)  # gzip, checks its CRC
    plain = inflater.decompress(content, _LARGEST)
    if inflater.unconsumed_tail:
        raise ValueError(f"it is larger than {_LARGEST} bytes")
    if not inflater.eof:
        raise EOFError("it ends too early")
    if inflater.unused_data:
        raise ValueError("it has bytes behind its end")
    return plain


def _metadata(
    name: str, text: bytes | None, project: str, version: Version, findings: list[Finding]
) -> Metadata | None:
    if text is None:
        findings.append(error(name, "metadata", "has no PKG-INFO"))
        return None
    try:
        metadata = Metadata.from_email(text, validate=True)
    except ExceptionGroup as group:
        findings += [error(name, "metadata", f"PKG-INFO: {problem}") for problem in group.exceptions]
        return None
    if project_name(metadata.name) != project or metadata.version != version:
        problem = f"PKG-INFO: is of {metadata.name} {metadata.version}, the file name is not"
        findings.append(error(name, "metadata", problem))
    return metadata


def _facts(name: str, text: bytes | None, version: Version, findings: list[Finding]) -> SdistFacts | None:
    try:
        facts = msgspec.convert(read_facts(text or b""), SdistFacts)
        every = [facts.requires, *facts.extras.values(), *(r for f in facts.chosen_extras.values() for r in f.values())]
        for line in (line for lines in every for line in lines):
            Requirement(line)
    except (*_UNREADABLE, InvalidRequirement) as problem:
        findings.append(error(name, "facts", f"{MODULE} cannot be read: {problem}"))
        return None
    if facts.version != str(version):
        findings.append(error(name, "facts", f"{MODULE} is of version {facts.version}"))
    return facts
