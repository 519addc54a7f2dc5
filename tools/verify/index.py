"""What lies beside the wheels: SHA256SUMS, side files, ``index.html`` and ``simple/``, against the files themselves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import quote, urljoin

import msgspec

from tools.naming import SDIST, WHEEL
from tools.values import decode_json
from tools.verify.anchors import BASE, anchors, joined
from tools.verify.finding import Finding, error

T = TypeVar("T")

SUMS = "SHA256SUMS"
SIDE = ".metadata"
TARGETS = "targets.json"
NEXT_TREES, WHL_TREE = ("simple", "whl-next"), "whl"  # rocm is an sdist there, and here a wheel
JSON_OF = {"simple": "simple-json", "whl": "whl-json"}  # for servers that know no PEP 691
VARIANTS, VARIANTS_SUFFIX = "variants", "-variants.json"  # PEP 825
TREES = frozenset({*NEXT_TREES, WHL_TREE, *JSON_OF.values(), VARIANTS})
PAGES = frozenset({SUMS, TARGETS, "index.html", *TREES})  # what lies in a dist beside files and side files


class Listed(NamedTuple):
    """A wheel or sdist of the dist, as any index must show it."""

    filename: str
    project: str
    version: str
    size: int
    sha256: str  # hex
    requires_python: str
    metadata: bytes | None  # of a wheel
    folder: str = ""  # below the dist

    @property
    def url(self) -> str:
        """Where a link to it has to lead."""
        return urljoin(BASE, quote(f"{self.folder}/{self.filename}" if self.folder else self.filename))


class _File(msgspec.Struct, frozen=True):
    filename: str
    url: str
    hashes: dict[str, str]
    size: int | None = None
    requires_python: str = msgspec.field(name="requires-python", default="")
    core_metadata: bool | dict[str, str] = msgspec.field(name="core-metadata", default=False)


class _Project(msgspec.Struct, frozen=True):
    name: str
    versions: tuple[str, ...]
    files: tuple[_File, ...]


class _Name(msgspec.Struct, frozen=True):
    name: str


class _Projects(msgspec.Struct, frozen=True):
    projects: tuple[_Name, ...]


class _Target(msgspec.Struct, frozen=True):
    file: str
    version: str
    size: int
    sha256: str


class _Targets(msgspec.Struct, frozen=True):
    targets: dict[str, _Target]


def check_index(dist: Path, files: Iterable[Listed]) -> Iterator[Finding]:
    """Yield where the index over ``dist`` says something else than its wheels and sdists."""
    everything = list(files)
    by_name = {one.filename: one for one in everything if not one.folder}
    yield from _check_side_files(dist, by_name)
    yield from _check_page(dist, "index.html", by_name)
    entries = [one for one in everything if one.folder == WHL_TREE]
    for tree in NEXT_TREES:
        yield from _check_tree(dist, tree, [one for one in everything if one.folder != WHL_TREE])
    if entries:
        stood_for = {one.project for one in entries}
        kept = [one for one in by_name.values() if one.metadata is not None or one.project not in stood_for]
        yield from _check_tree(dist, WHL_TREE, [*kept, *entries])
    else:
        yield from (
            error(f"{tree}/", "index", "is there without a wheel that it is for")
            for tree in (WHL_TREE, JSON_OF[WHL_TREE])
            if (dist / tree).exists()
        )
    if (dist / TARGETS).exists():  # only where there are device wheels
        yield from _check_targets(dist, by_name)


def _check_tree(dist: Path, tree: str, files: Iterable[Listed]) -> Iterator[Finding]:
    """Yield where the pages of one tree say something else than these files."""
    projects: dict[str, list[Listed]] = {}
    for one in files:
        projects.setdefault(one.project, []).append(one)
    for project, listed in sorted(projects.items()):
        own = {one.filename: one for one in listed}
        yield from _check_page(dist, f"{tree}/{project}/index.html", own)
        for place in (tree, *([JSON_OF[tree]] if tree in JSON_OF else [])):
            yield from _check_json(dist, f"{place}/{project}/index.json", project, own)
    yield from _check_projects(dist, tree, projects)


def check_sums(dist: Path, digests: Mapping[str, str]) -> Iterator[Finding]:
    """Yield where SHA256SUMS says something else than ``digests``: file name -> hex sha256 of all files of the dist."""
    text = _read(dist, SUMS)
    if text is None:
        yield error(SUMS, "sums", "is missing; run doit dist")
        return
    lines = text.decode("utf-8", "replace").removesuffix("\n").split("\n")  # as sha256sum(1) reads it
    rows = {match[2]: match[1] for line in lines if (match := re.fullmatch(r"([0-9a-f]{64}) [ *](.+)", line))}
    if len(rows) != len(lines):
        yield error(SUMS, "sums", "has lines that are no digest and name, or names twice")
    for name in sorted(rows.keys() - digests.keys()):
        yield error(SUMS, "sums", "names what the dist does not have", name)
    for name in sorted(digests.keys() - rows.keys()):
        yield error(name, "sums", f"is not in {SUMS}: no build of ours put it there")
    for name in sorted(digests.keys() & rows.keys()):
        if rows[name] != digests[name]:
            yield error(name, "sums", f"has another sha256 than {SUMS} says")


def _check_side_files(dist: Path, files: Mapping[str, Listed]) -> Iterator[Finding]:
    for one in files.values():
        if one.metadata is not None:
            side = _read(dist, one.filename + SIDE)
            if side is None:
                yield error(one.filename + SIDE, "side files", "is missing; run doit index")
            elif side != one.metadata:
                yield error(one.filename + SIDE, "side files", "is not the METADATA of its wheel")
    for path in sorted(dist.glob(f"*{SIDE}")):
        one_of_ours = files.get(path.name.removesuffix(SIDE))
        if one_of_ours is None or one_of_ours.metadata is None:
            yield error(path.name, "side files", "belongs to no wheel of the dist")


def _check_page(dist: Path, page: str, files: Mapping[str, Listed]) -> Iterator[Finding]:
    """Yield how the links of a page for installers differ from the files it should show (PEP 503, 658, 714)."""
    text = _read(dist, page)
    if text is None:
        yield error(page, "index", "is missing; run doit index")
        return
    links = [one for one in anchors(page, text) if one.url.endswith((WHEEL, SDIST, VARIANTS_SUFFIX))]
    for name in _differences([one.text for one in links], files):
        yield error(page, "index", *name)
    for anchor in links:
        if (one := files.get(anchor.text)) is not None:
            if anchor.url != one.url:
                yield error(page, "index", "is linked to something else", one.filename)
            for attribute, wanted in _attributes(one).items():
                if anchor.attributes.get(attribute, "") != wanted:
                    yield error(page, "index", f"has another {attribute} than the file", one.filename)


def _check_json(dist: Path, page: str, project: str, files: Mapping[str, Listed]) -> Iterator[Finding]:
    found = _decoded(dist, page, _Project)
    if isinstance(found, Finding):
        yield found
        return
    if found.name != project or set(found.versions) != {one.version for one in files.values()}:
        yield error(page, "index", "has another name or other versions than the files")
    for name in _differences([one.filename for one in found.files], files):
        yield error(page, "index", *name)
    for row in found.files:
        if (one := files.get(row.filename)) is not None:
            for what in _different_fields(page, row, one):
                yield error(page, "index", f"has another {what} than the file", row.filename)


def _different_fields(page: str, row: _File, one: Listed) -> Iterator[str]:
    digest = hashlib.sha256(one.metadata).hexdigest() if one.metadata is not None else None
    wanted = {
        "url": (joined(page, row.url)[0], one.url),
        "sha256": (row.hashes.get("sha256"), one.sha256),
        "size": (row.size, one.size),
        "requires-python": (row.requires_python, one.requires_python),
        "core-metadata": (row.core_metadata, {"sha256": digest} if digest else False),
    }
    return (what for what, (stated, true) in wanted.items() if stated != true)


def _check_projects(dist: Path, tree: str, projects: Mapping[str, object]) -> Iterator[Finding]:
    places = (tree, *([JSON_OF[tree]] if tree in JSON_OF else []))
    for page in (f"{place}/index.json" for place in places):
        found = _decoded(dist, page, _Projects)
        if isinstance(found, Finding):
            yield found
        elif sorted(one.name for one in found.projects) != sorted(projects):
            yield error(page, "index", "has other projects than the dist")
    page = f"{tree}/index.html"
    text = _read(dist, page)
    if text is None:
        yield error(page, "index", "is missing; run doit index")
    elif sorted(one.url for one in anchors(page, text)) != sorted(
        urljoin(BASE, f"{tree}/{project}/") for project in projects
    ):
        yield error(page, "index", "has other projects than the dist")
    for place in places:
        for path in sorted(dist.glob(f"{place}/*/")):
            if path.name not in projects:
                yield error(f"{place}/{path.name}/", "index", "belongs to no project of the dist")


def _check_targets(dist: Path, files: Mapping[str, Listed]) -> Iterator[Finding]:
    found = _decoded(dist, TARGETS, _Targets)
    if isinstance(found, Finding):
        yield found
        return
    for target, row in found.targets.items():
        one = files.get(row.file)
        if one is None:
            yield error(TARGETS, "index", "names what the dist does not have", f"{row.file} ({target})")
        elif (row.version, row.size, row.sha256) != (one.version, one.size, one.sha256):
            yield error(TARGETS, "index", "has another version, size or sha256 than the file", row.file)


def _differences(shown: list[str], files: Mapping[str, Listed]) -> Iterator[tuple[str, str]]:
    yield from (("does not show a file of the dist", name) for name in sorted(files.keys() - set(shown)))
    yield from (("shows what the dist does not have", name) for name in sorted(set(shown) - files.keys()))
    yield from (("shows a file twice", name) for name in sorted(set(shown)) if shown.count(name) > 1)


def _attributes(one: Listed) -> dict[str, str]:
    digest = f"sha256={hashlib.sha256(one.metadata).hexdigest()}" if one.metadata is not None else ""
    return {"hash": f"sha256={one.sha256}", "data-requires-python": one.requires_python, "data-core-metadata": digest}


def _decoded(dist: Path, page: str, type_: type[T]) -> T | Finding:
    text = _read(dist, page)
    if text is None:
        return error(page, "index", "is missing; run doit index")
    try:
        return decode_json(text, type_)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        return error(page, "index", f"cannot be read: {problem}")


def _read(dist: Path, name: str) -> bytes | None:
    try:
        return (dist / name).read_bytes() if (dist / name).is_file() else None  # a FIFO would be waited for
    except OSError:
        return None
