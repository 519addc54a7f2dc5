"""The index over a flat dist: the pages and trees, side files of metadata and provenance, and lock files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tools.dist.choices import Gpu
from tools.dist.gather import place_file, remove_pages, same_file
from tools.dist.listing import METADATA_SUFFIX, Built, ListedFile, list_files, read_receipts, read_side
from tools.dist.lock import lock_files
from tools.dist.page import PageText, find_links_page, heading
from tools.dist.provenance import SUFFIX, Origins, statements
from tools.dist.simple import NO_STATUSES, Statuses, simple_pages
from tools.dist.targets import targets_file
from tools.errors import UserError, listed
from tools.files import make_directory, write_bytes

FLAT_VERSIONS = 100  # on the flat page, which installers and people read as a whole; simple/ has all
TITLE = "ROCm Python packages"
UPLOAD_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z"  # PEP 700


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRequest:
    """A gathered dist and what its index says beyond the receipts."""

    receipts: tuple[Path, ...]
    dist_dir: Path
    side: tuple[Path, ...] = ()  # receipts of wheels of ``rocm`` that lie in folders of their own
    origins: Origins = field(default_factory=Origins)
    gpus: tuple[Gpu, ...] = ()
    title: str = TITLE
    url: str = ""  # where the dist will be, if known; all links are relative whatever it is
    upload_time: str = ""  # of every file, ISO 8601 in UTC; empty: the index does not say
    yanked: Mapping[str, bool | str] = field(default_factory=dict)  # file name -> reason (PEP 592)
    statuses: Statuses = NO_STATUSES  # of projects
    notes: tuple[str, ...] = ()  # sentences for whoever makes the index

    def __post_init__(self) -> None:
        if self.upload_time and not re.fullmatch(UPLOAD_TIME, self.upload_time):
            raise UserError(f"upload_time: {self.upload_time!r} is not a time like 2026-09-01T04:05:06Z")


def write_index(request: IndexRequest, context: object = None) -> dict[str, list[str]]:
    """Write every file of the index into ``dist_dir``; one that is right already keeps its time stamp.

    ``index.html`` is written last, so what it names is there. Pages of projects that are gone are removed, and so is
    what lies in folders of ours and is no longer built. Returned are "notes", sentences for the user.

    :raises UserError: when a file that a receipt names is not in the dist, or not with its size.
    """
    dist = request.dist_dir
    built, side = read_receipts(request.receipts), read_side(request.side)
    check_gathered(built, dist)
    files = list_files(
        [one.receipt for one in built],
        upload_time=request.upload_time,
        yanked=request.yanked,
        side=[one.receipt for one in side],
    )
    beside = _beside(files, built, side, request.origins)
    for file in files:
        if file.folder:
            one = next(one for one in side if one.receipt.filename == file.filename)
            make_directory(dist / file.folder)
            if not same_file(one.file, dist / file.path):
                place_file(one.file, dist / file.path)
    text = PageText(title=request.title, gpus=request.gpus, url=request.url)
    pages = {**beside, **lock_files(files, None), **index_pages(files, text, request.statuses)}
    for name, content in pages.items():
        if content is None:
            (dist / name).unlink(missing_ok=True)
        else:
            write_bytes(dist / name, content)
    remove_pages(dist, {*pages, *(file.path for file in files)})
    return {"notes": [*request.notes, *_as_published(files)]}


def index_pages(
    files: Sequence[ListedFile], text: PageText, statuses: Statuses = NO_STATUSES
) -> dict[str, bytes | None]:
    """Return every page by its path below the dist, in the order to write them; None: must not be there."""
    return {
        **simple_pages(files, statuses),
        "targets.json": targets_file(files, text.gpus),
        "index.html": flat_page(files, text),
    }


def flat_page(files: Sequence[ListedFile], text: PageText) -> bytes:
    """Return the page for people and ``--find-links``: what lies in the dist itself, the newest versions of it."""
    shown: dict[str, None] = {}
    flat = [file for file in files if not file.folder]
    for file in flat:
        shown.setdefault(heading(file))
    newest = set(list(shown)[:FLAT_VERSIONS])
    return find_links_page([file for file in flat if heading(file) in newest], text)


def _beside(
    files: Sequence[ListedFile], built: Sequence[Built], side: Sequence[Built], origins: Origins
) -> dict[str, bytes]:
    """Return path -> content of the side files: metadata and statements of provenance."""
    path_of = {file.filename: file.path for file in files}
    everything = [*built, *side]
    metadata = {
        path_of[one.receipt.filename] + METADATA_SUFFIX: one.receipt.metadata.encode()
        for one in everything
        if one.receipt.filename.endswith(".whl")
    }
    made = statements([(one.path, one.receipt) for one in everything], origins)
    return metadata | {path_of[name] + SUFFIX: content for name, content in made.items()}


def _as_published(files: Sequence[ListedFile]) -> list[str]:
    """Say which wheels of others require ROCm: in each tree they are as their projects made them."""
    theirs = [file.filename for file in files if not file.is_ours and "rocm" in file.requires]
    return [f"as their projects made them, in whl/ and whl-next/: {listed(theirs)}"] if theirs else []


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
