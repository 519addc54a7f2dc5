"""The index over a flat dist: the page, ``simple/``, the metadata side files and ``targets.json``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tools.dist.choices import Gpu
from tools.dist.listing import METADATA_SUFFIX, Built, ListedFile, list_files, read_receipts
from tools.dist.page import PageText, find_links_page
from tools.dist.simple import simple_pages
from tools.dist.targets import targets_file
from tools.errors import UserError, listed
from tools.files import write_bytes
from tools.naming import is_wheel

TITLE = "ROCm Python packages"
UPLOAD_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z"  # PEP 700


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRequest:
    """A gathered dist and what its index says beyond the receipts."""

    receipts: tuple[Path, ...]
    dist_dir: Path
    gpus: tuple[Gpu, ...] = ()
    title: str = TITLE
    url: str = ""  # where the dist will be, if known; all links are relative whatever it is
    upload_time: str = ""  # of every file, ISO 8601 in UTC; empty: the index does not say
    yanked: Mapping[str, bool | str] = field(default_factory=dict)  # file name -> reason (PEP 592)
    notes: tuple[str, ...] = ()  # sentences for whoever makes the index

    def __post_init__(self) -> None:
        if self.upload_time and not re.fullmatch(UPLOAD_TIME, self.upload_time):
            raise UserError(f"upload_time: {self.upload_time!r} is not a time like 2026-09-01T04:05:06Z")


def write_index(request: IndexRequest, context: object = None) -> dict[str, list[str]]:
    """Write every file of the index into ``dist_dir``, and return the notes for the user.

    A file that is right already keeps its time stamp.

    ``index.html`` is written last, so what it names is there. Pages of projects that are gone are removed.

    :raises UserError: when a file that a receipt names is not in the dist, or not with its size.
    """
    built = read_receipts(request.receipts)
    check_gathered(built, request.dist_dir)
    files = list_files([one.receipt for one in built], upload_time=request.upload_time, yanked=request.yanked)
    for one in built:
        if is_wheel(one.receipt.filename):
            name = one.receipt.filename + METADATA_SUFFIX
            write_bytes(request.dist_dir / name, one.receipt.metadata.encode())
    text = PageText(title=request.title, gpus=request.gpus, url=request.url)
    for name, content in index_pages(files, text).items():
        if content is None:
            (request.dist_dir / name).unlink(missing_ok=True)
        else:
            write_bytes(request.dist_dir / name, content)
    _remove_projects(request.dist_dir / "simple", {file.project for file in files})
    return {"notes": list(request.notes)}


def index_pages(files: Sequence[ListedFile], text: PageText) -> dict[str, bytes | None]:
    """Return every page by its path below the dist, in the order to write them; None: must not be there."""
    return {
        **simple_pages(files),
        "targets.json": targets_file(files, text.gpus),
        "index.html": find_links_page(files, text),
    }


def check_gathered(built: Sequence[Built], dist: Path) -> None:
    """Check that the dist holds each file, by name and size.

    :raises UserError: naming those that are missing or have another size.
    """
    wrong = set()
    for one in built:
        name = one.receipt.filename
        with suppress(OSError):
            if (dist / name).stat().st_size == one.receipt.size:
                continue
        wrong.add(name)
    if wrong:
        raise UserError(f"{dist}: missing or not what was built: {listed(wrong)}; run doit dist")


def _remove_projects(simple: Path, projects: set[str]) -> None:
    """Remove the pages of other projects; a folder that holds something else stays."""
    for folder in sorted(simple.iterdir()):
        if folder.is_dir() and folder.name not in projects:
            for page in ("index.html", "index.json"):
                (folder / page).unlink(missing_ok=True)
            with suppress(OSError):
                folder.rmdir()
