"""The index that installers ask for with ``--index-url``: PEP 503 as HTML and PEP 691 as JSON."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from packaging.version import Version

from tools.dist.listing import ListedFile
from tools.dist.templates import render
from tools.files import encode_json

API_VERSION = "1.1"  # PEP 700: sizes, upload times and the list of versions
JSON_TYPE = "application/vnd.pypi.simple.v1+json"  # PEP 691
HTML_TYPE = "application/vnd.pypi.simple.v1+html"  # PEP 691; browsers take text/html only


def simple_pages(files: Iterable[ListedFile]) -> dict[str, bytes]:
    """Return every page of ``simple/``, its path below the dist to its bytes, a page before those that name it.

    All links are relative.
    """
    projects: dict[str, list[ListedFile]] = defaultdict(list)
    for file in files:
        projects[file.project].append(file)
    names = sorted(projects)
    pages = {}
    for name in names:
        pages[f"simple/{name}/index.html"] = render("project.html.j2", project=name, files=projects[name])
        pages[f"simple/{name}/index.json"] = encode_json(_project(name, projects[name]))
    pages["simple/index.html"] = render("simple.html.j2", projects=names)
    root = {"meta": {"api-version": API_VERSION}, "projects": [{"name": name} for name in names]}
    return pages | {"simple/index.json": encode_json(root)}


def _project(name: str, files: list[ListedFile]) -> dict[str, object]:
    return {
        "meta": {"api-version": API_VERSION},
        "name": name,
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
    }
    if file.requires_python:
        row["requires-python"] = file.requires_python
    if file.upload_time:
        row["upload-time"] = file.upload_time
    if file.metadata_sha256:  # never under its first name, dist-info-metadata: pip 22.3 to 23.0.1 crash on it (PEP 714)
        row["core-metadata"] = {"sha256": file.metadata_sha256}
    return row
