"""What a wheel says of itself: its names, tags, requirements, and the facts that our runtime reads."""

from __future__ import annotations

import email.parser
from collections.abc import Iterable, Iterator, Mapping
from email.message import Message
from typing import NamedTuple

import msgspec
from packaging.metadata import Metadata
from packaging.requirements import InvalidRequirement, Requirement
from packaging.tags import Tag
from packaging.version import InvalidVersion, Version

from tools.naming import DIST_INFO, dist_info_of, file_stem, import_name, project_name, read_wheel_name
from tools.values import decode_json
from tools.verify.finding import Finding, error
from tools.verify.member_name import name_problem
from tools.verify.wheel import WheelContents


class Script(msgspec.Struct, frozen=True):
    """A console script of ours: the program it starts, below the platform package."""

    path: str
    devel: bool


class Facts(msgspec.Struct, frozen=True):
    """``<import name>.package.json``."""

    package: str
    family: str
    distribution: str
    version: str
    platform_package: str
    scripts: dict[str, Script]


class Identity(NamedTuple):
    """A wheel's names, as far as they can be made out."""

    project: str  # normalised
    version: str
    platforms: tuple[str, ...]  # platform tags
    dist_info: str
    requires: tuple[Requirement, ...]
    requires_python: str
    facts: Facts | None  # None: not a wheel of ours


class Wheel(NamedTuple):
    """A wheel that says who it is."""

    contents: WheelContents
    identity: Identity

    @property
    def name(self) -> str:
        """The file's name."""
        return self.contents.filename


def identify(wheel: WheelContents) -> tuple[Identity | None, list[Finding]]:
    """Return who the wheel is, None where its file name or metadata directory does not say; and what is wrong."""
    name = wheel.filename
    try:
        project, version, tags = stated = read_wheel_name(name)
    except ValueError as problem:
        return None, [error(name, "names", f"is no name of a wheel: {problem}")]
    folders = sorted({p.partition("/")[0] for p in wheel.files if p.partition("/")[0].endswith(DIST_INFO)})
    wanted = dist_info_of(name)
    if folders != [wanted]:
        others = ", ".join(folders) or "none"
        return None, [error(name, "names", f"must have the metadata directory {wanted} and no other; it has {others}")]
    findings = [*_file_name(name, project, version), *_wheel_file(wheel, wanted, tags)]
    metadata = _fields(wheel.texts.get(f"{wanted}/METADATA", b""))
    if f"{wanted}/METADATA" in wheel.texts:
        findings += _metadata(wheel, wanted, project, version)
    else:
        findings.append(error(name, "metadata", f"has no {wanted}/METADATA"))
    facts, problems = _facts(wheel, project, version)
    findings += _strays(wheel, wanted, facts) if facts else ()
    identity = Identity(
        project=project,
        version=str(version),
        platforms=stated.platforms,
        dist_info=wanted,
        requires=_requires(metadata.get_all("Requires-Dist", [])),
        requires_python=metadata.get("Requires-Python", ""),
        facts=facts,
    )
    return identity, [*findings, *problems]


def _file_name(name: str, project: str, version: Version) -> Iterator[Finding]:
    """The name must be in the normal form: pip and uv find others, but no store compares them."""
    stem = file_stem(project, version)
    if name.split("-")[:2] != stem.split("-"):
        yield error(name, "names", f"must begin with {stem} (normal form, PEP 427)")


def _wheel_file(wheel: WheelContents, dist_info: str, tags: frozenset[Tag]) -> Iterator[Finding]:
    text = wheel.texts.get(f"{dist_info}/WHEEL")
    if text is None:
        yield error(wheel.filename, "metadata", f"has no {dist_info}/WHEEL")
        return
    fields = _fields(text)
    if fields.get("Wheel-Version") != "1.0":
        yield error(wheel.filename, "metadata", "WHEEL: Wheel-Version must be 1.0")
    if (pure := fields.get("Root-Is-Purelib")) != "false" and {tag.platform for tag in tags} != {"any"}:
        yield error(wheel.filename, "metadata", f"WHEEL: Root-Is-Purelib must be false; it is {pure}")
    stated = sorted(fields.get_all("Tag", []))
    if stated != sorted(str(tag) for tag in tags):
        yield error(wheel.filename, "metadata", f"WHEEL: has other tags than the file name: {', '.join(stated)}")


def _metadata(wheel: WheelContents, dist_info: str, project: str, version: Version) -> Iterator[Finding]:
    def bad(problem: str) -> Finding:
        return error(wheel.filename, "metadata", f"METADATA: {problem}")

    try:
        metadata = Metadata.from_email(wheel.texts[f"{dist_info}/METADATA"], validate=True)
    except ExceptionGroup as group:
        yield from (bad(str(problem)) for problem in group.exceptions)
        return
    if project_name(metadata.name) != project or metadata.version != version:
        yield bad(f"is of {metadata.name} {metadata.version}, the file name is not")
    for path in metadata.license_files or []:
        if f"{dist_info}/licenses/{path}" not in wheel.files:
            yield bad(f"names a licence file that is not there: {path}")


def _fields(text: bytes) -> Message:
    return email.parser.HeaderParser().parsestr(text.decode("utf-8", "replace"))


def _requires(lines: Iterable[str]) -> tuple[Requirement, ...]:
    found = []
    for line in lines:
        try:
            found.append(Requirement(line))
        except InvalidRequirement:
            continue  # Metadata.from_email has a sentence for it
    return tuple(found)


def _facts(wheel: WheelContents, project: str, version: Version) -> tuple[Facts | None, list[Finding]]:
    texts = _facts_files(wheel.texts)
    if not texts:
        return None, []
    if len(texts) > 1:
        return None, [error(wheel.filename, "facts", "has several package.json files", path) for path in texts]
    [(path, text)] = texts.items()
    try:
        facts = decode_json(text, Facts)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        return None, [error(wheel.filename, "facts", f"cannot be read ({problem})", path)]
    findings = []
    if project_name(facts.distribution) != project or not _same(facts.version, version):
        findings.append(error(wheel.filename, "facts", f"is of {facts.distribution} {facts.version}", path))
    if path.split("/")[0] != facts.platform_package:
        findings.append(error(wheel.filename, "facts", f"must lie in {facts.platform_package}", path))
    return facts, findings


def _strays(wheel: WheelContents, dist_info: str, facts: Facts) -> Iterator[Finding]:
    """Yield files beside the wheel's directories: a .pth, a .data directory (PEP 427), a module of somebody else."""
    roots = {dist_info, facts.platform_package, import_name(facts.distribution)}
    for path in wheel.files:
        if path.partition("/")[0] not in roots and not name_problem(path):  # what is no name the archive's check tells
            yield error(wheel.filename, "names", "lies outside the wheel's own directories", path)


def _facts_files(texts: Mapping[str, bytes]) -> dict[str, bytes]:
    return {path: text for path, text in texts.items() if path.count("/") == 1 and path.endswith(".package.json")}


def _same(text: str, version: Version) -> bool:
    try:
        return Version(text) == version
    except InvalidVersion:
        return False
