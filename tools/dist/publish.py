"""A dist into a published index: files first, then the pages that name them, then old files leave.

What holds at every moment, also when publishers are killed: each page is whole, and every file that a page names
is in the store with the bytes whose hash the page gives. Two publishers at once take turns (tools.dist.turn).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from tools.dist.choices import Gpu
from tools.dist.gather import SUMS, sums_text
from tools.dist.index import TITLE, check_gathered, index_pages
from tools.dist.listing import METADATA_SUFFIX, Built, ListedFile, list_files, read_receipts
from tools.dist.page import PageText
from tools.dist.published import Changes, Published, plan_changes, without
from tools.dist.simple import JSON_TYPE
from tools.dist.store import Sent, open_store
from tools.dist.turn import PATIENCE, Turn, read_published, take_turn
from tools.errors import UserError
from tools.naming import is_wheel


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishRequest:
    """A gathered dist and where it goes."""

    receipts: tuple[Path, ...]
    dist_dir: Path
    url: str  # a path, or what fsspec knows: s3://bucket/folder
    now: str  # the upload time of what is uploaded, ISO 8601 in UTC
    gpus: tuple[Gpu, ...] = ()
    title: str = TITLE
    public_url: str = ""  # under which people will read the page, for those without JavaScript
    keep: int = 0  # newest nightlies that stay; 0: all
    yanked: Mapping[str, bool | str] = field(default_factory=dict)  # file name -> reason, true or false (PEP 592)
    dry_run: bool = False  # change nothing, only say what would change
    patience: float = PATIENCE  # seconds until another publisher that is silent counts as dead


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What was done, or with ``dry_run`` would be: names of files, sorted."""

    uploaded: tuple[str, ...]
    replaced: tuple[str, ...]  # of these, what was there with other bytes
    removed: tuple[str, ...]  # old nightlies, and what a publication that was killed left to remove
    size: int  # bytes uploaded
    listed: int  # files that the index names now


def _ignore(_: object) -> None:
    pass


def publish(
    request: PublishRequest, *, waiting: Callable[[str], object] = _ignore, sent: Sent = _ignore
) -> Publication:
    """Make the index at ``url`` hold this dist besides what it holds, and return what changed.

    Run again after it was killed, it continues. ``waiting`` is told whom it waits for, ``sent`` how many bytes
    more have gone.

    :raises UserError: when a file is not what its receipt says, or the store fails.
    """
    built = {one.receipt.filename: one for one in read_receipts(request.receipts)}
    check_gathered(tuple(built.values()), request.dist_dir)
    mine = list_files([one.receipt for one in built.values()], upload_time=request.now, yanked={})
    store = open_store(request.url)
    if request.dry_run:
        return _summary(_plan(read_published(store), mine, request), mine)
    with take_turn(store, patience=request.patience, waiting=waiting) as turn:
        changes = _plan(turn.published, mine, request)
        _withdraw(turn, changes, request)
        for name in changes.upload:
            _upload(turn, built[name], request.dist_dir, sent)
        turn.save(changes.result)
        _write_pages(turn, request)
        _remove_doomed(turn)
    return _summary(changes, mine)


def _plan(before: Published, mine: Sequence[ListedFile], request: PublishRequest) -> Changes:
    return plan_changes(before, mine, keep=request.keep, yanked=request.yanked)


def _summary(changes: Changes, mine: Sequence[ListedFile]) -> Publication:
    return Publication(
        uploaded=changes.upload,
        replaced=changes.replaced,
        removed=changes.result.doomed,
        size=sum(file.size for file in mine if file.filename in changes.upload),
        listed=len(changes.result.files),
    )


def _withdraw(turn: Turn, changes: Changes, request: PublishRequest) -> None:
    """Take what gets other bytes out of the index first: no page may give the hash of the old ones meanwhile."""
    if changes.replaced:
        turn.save(without(turn.published, changes.replaced))
        _write_pages(turn, request)
        turn.save(_not_stored(turn.published, changes.replaced))


def _upload(turn: Turn, built: Built, dist: Path, sent: Sent) -> None:
    name, file = built.receipt.filename, dist / built.receipt.filename
    with file.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != built.receipt.sha256:
            raise UserError(f"{file}: is not what was built; remove it and run doit dist")
    turn.upload(name, file, sent)
    if is_wheel(name):
        turn.write(name + METADATA_SUFFIX, built.receipt.metadata.encode(), "text/plain; charset=utf-8")
    before = turn.published
    turn.save(msgspec.structs.replace(before, stored={**before.stored, name: built.receipt.sha256}))


def _write_pages(turn: Turn, request: PublishRequest) -> None:
    """Write the index from the manifest, ``index.html`` last, and remove the pages of projects that are gone."""
    published = turn.published
    text = PageText(title=request.title, gpus=request.gpus, url=request.public_url)
    sums = {file.filename: file.sha256 for file in published.files}
    pages = {SUMS: sums_text(sums), **index_pages(published.files, text)}
    projects = {file.project for file in published.files}
    for project in sorted(set(published.projects) - projects):
        pages |= {f"simple/{project}/index.html": None, f"simple/{project}/index.json": None}
    for name, content in pages.items():
        if content is None:
            turn.remove(name)
        else:
            turn.write(name, content, _content_type(name))


def _remove_doomed(turn: Turn) -> None:
    """Remove what no page names any more. It is not counted as stored from before its removal."""
    published = _not_stored(turn.published, turn.published.doomed)
    turn.save(published)
    for name in published.doomed:
        turn.remove(name + METADATA_SUFFIX)
        turn.remove(name)
    projects = tuple(sorted({file.project for file in published.files}))
    turn.save(msgspec.structs.replace(published, doomed=(), projects=projects))


def _not_stored(published: Published, names: Sequence[str]) -> Published:
    stored = {name: digest for name, digest in published.stored.items() if name not in names}
    return msgspec.structs.replace(published, stored=stored)


def _content_type(name: str) -> str:
    if name.endswith(".html"):
        return "text/html; charset=utf-8"
    if name.startswith("simple/"):
        return JSON_TYPE
    return "application/json" if name.endswith(".json") else "text/plain; charset=utf-8"
