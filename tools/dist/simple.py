"""The index that installers ask for with ``--index-url``: PEP 503 as HTML and PEP 691 as JSON.

There are several trees over the same files: ``simple`` and ``whl-next``, where ``rocm`` is an sdist and people name
their GPU by extras, and ``whl``, where it is a wheel. A web server that knows PEP 691 answers from one tree in either
form; a bucket cannot, so ``simple-json`` and ``whl-json`` have the JSON alone, under addresses that end in a slash.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import msgspec
from packaging.version import Version

from tools.dist.listing import ENTRY, VARIANT, ListedFile
from tools.dist.templates import render
from tools.values import encode_json

API_VERSION = "1.4"  # PEP 700: sizes, upload times and versions; PEP 792: the status of a project
JSON_TYPE = "application/vnd.pypi.simple.v1+json"  # PEP 691
HTML_TYPE = "application/vnd.pypi.simple.v1+html"  # PEP 691; browsers take text/html only
NEXT_TREES, WHL_TREE = ("simple", "whl-next"), "whl"
TREES = (*NEXT_TREES, WHL_TREE)
JSON_TREES = {"simple": "simple-json", "whl": "whl-json"}
NO_TIME = "1980-01-01T00:00:00Z"  # as in the archives: who asks for files of before some day gets what has no time


class Status(msgspec.Struct, frozen=True):
    """The status of a project (PEP 792)."""

    status: str
    reason: str = ""


ACTIVE = Status("active")
ARCHIVED = "archived"  # takes no uploads


@dataclass(frozen=True, slots=True, kw_only=True)
class Statuses:
    """Which projects are not simply active."""

    named: Mapping[str, Status] = field(default_factory=dict)  # by the project's name
    superseded: Mapping[str, str] = field(default_factory=dict)  # family in normal form -> reason

    def of(self, project: str) -> Status:
        """Return the status of a project: its own, or that of the family it is for."""
        if project in self.named:
            return self.named[project]
        reasons = [reason for family, reason in self.superseded.items() if project.endswith(f"-{family}")]
        return Status("deprecated", reasons[0]) if reasons else ACTIVE


NO_STATUSES = Statuses()


def simple_pages(files: Iterable[ListedFile], statuses: Statuses = NO_STATUSES) -> dict[str, bytes]:
    """Return every page of all trees, its path below the dist to its bytes, a page before those that name it.

    All links are relative. Without a wheel of ``rocm`` there is no tree of wheels.
    """
    projects: dict[str, list[ListedFile]] = defaultdict(list)
    for file in files:
        projects[file.project].append(file)
    pages: dict[str, bytes] = {}
    for name in sorted(projects):
        pages |= project_pages(name, projects[name], statuses.of(name))
    trees = TREES if any(file.package == ENTRY for own in projects.values() for file in own) else NEXT_TREES
    if WHL_TREE not in trees:
        pages = {path: content for path, content in pages.items() if not path.startswith(("whl/", "whl-json/"))}
    return pages | root_pages(projects, trees)


def project_pages(name: str, files: Iterable[ListedFile], status: Status) -> dict[str, bytes]:
    """Return the pages of one project in each tree."""
    everything = list(files)
    ours = [file for file in everything if file.package != ENTRY]
    wheels = [file for file in everything if file.package != VARIANT]
    if any(file.package == ENTRY for file in everything):
        wheels = [file for file in wheels if file.is_wheel or not file.is_ours]
    pages = {}
    made: dict[tuple[str, ...], tuple[bytes, bytes]] = {}
    for tree in TREES:
        listed = wheels if tree == WHL_TREE else ours
        key = tuple(file.path for file in listed)
        if key not in made:
            html = render("project.html.j2", project=name, files=listed, status=status)
            made[key] = html, encode_json(_project(name, listed, status))
        pages[f"{tree}/{name}/index.html"], pages[f"{tree}/{name}/index.json"] = made[key]
        if tree in JSON_TREES:
            pages[f"{JSON_TREES[tree]}/{name}/index.json"] = made[key][1]
    return pages


def root_pages(projects: Collection[str], trees: Iterable[str] = TREES) -> dict[str, bytes]:
    """Return the page of each tree that lists the projects."""
    names = sorted(projects)
    html = render("simple.html.j2", projects=names)
    root = encode_json({"meta": {"api-version": API_VERSION}, "projects": [{"name": name} for name in names]})
    pages: dict[str, bytes] = {}
    for tree in trees:
        pages |= {f"{tree}/index.html": html, f"{tree}/index.json": root}
        if tree in JSON_TREES:
            pages[f"{JSON_TREES[tree]}/index.json"] = root
    return pages


def _project(name: str, files: list[ListedFile], status: Status) -> dict[str, object]:
    told = {"status": status.status} | ({"reason": status.reason} if status.reason else {})
    return {
        "meta": {"api-version": API_VERSION},
        "name": name,
        "project-status": told,
        "versions": sorted({file.version for file in files}, key=Version),
        "files": [_file(file) for file in files],
    }


def _file(file: ListedFile) -> dict[str, object]:
    row: dict[str, object] = {
        "filename": file.filename,
        "url": f"../../{file.href}",
        "hashes": {"sha256": file.sha256},
        "size": file.size,
        "yanked": file.yanked,
        "upload-time": file.upload_time or NO_TIME,
    }
    if file.requires_python:
        row["requires-python"] = file.requires_python
    if file.metadata_sha256:  # never under its first name, dist-info-metadata: pip 22.3 to 23.0.1 crash on it (PEP 714)
        row["core-metadata"] = {"sha256": file.metadata_sha256}
    return row
