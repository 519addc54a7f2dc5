"""A dist into a published index: files first, then the pages that name them, then old files leave.

What holds at every moment, also when publishers are killed: each page is whole, and every file that a page names
is in the store with the bytes whose hash the page gives. Two publishers at once take turns (tools.dist.turn).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from tools.dist.choices import Gpu
from tools.dist.gather import SUMS, sums_text
from tools.dist.index import TITLE, check_gathered, index_pages
from tools.dist.listing import METADATA_SUFFIX, Built, ListedFile, list_files, read_receipts, read_side
from tools.dist.lock import lock_files
from tools.dist.page import PageText
from tools.dist.provenance import SUFFIX as PROVENANCE_SUFFIX
from tools.dist.published import Changes, Published, plan_changes, without
from tools.dist.sign import signatures
from tools.dist.simple import ARCHIVED, JSON_TREES, JSON_TYPE, NO_STATUSES, TREES, Statuses
from tools.dist.turn import PATIENCE, Turn, read_published, take_turn
from tools.errors import UserError, listed
from tools.naming import is_wheel
from tools.store.objects import Sent, open_objects

REMOVED_AT_ONCE = 1000  # names, between two looks at whether this publisher is still taken to be alive
PLACES = (  # (tree, kind) of the pages that a project has
    *((tree, kind) for tree in TREES for kind in ("html", "json")),
    *((tree, "json") for tree in JSON_TREES.values()),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishRequest:
    """A gathered dist and where it goes."""

    receipts: tuple[Path, ...]
    dist_dir: Path
    url: str  # a path, or what fsspec knows: s3://bucket/folder
    now: str  # the upload time of what is uploaded, ISO 8601 in UTC
    gpus: tuple[Gpu, ...] = ()
    title: str = TITLE
    side: tuple[Path, ...] = ()  # receipts of wheels of ``rocm`` that lie in folders of the dist
    public_url: str = ""  # under which people will read it, for lock files; empty: as the last publication said
    statuses: Statuses = NO_STATUSES  # of projects
    twins: Mapping[str, str] = field(default_factory=dict)  # file name -> URL where the same file may stand already
    sign: str = ""  # a command that is given each statement of provenance; what it writes beside it is published
    keep: int = 0  # newest nightlies that stay; 0: all
    yanked: Mapping[str, bool | str] = field(default_factory=dict)  # file name -> reason, true or false (PEP 592)
    dry_run: bool = False  # change nothing, only say what would change
    patience: float = PATIENCE  # seconds until another publisher that is silent counts as dead


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What was done, or with ``dry_run`` would be: names of files, sorted."""

    uploaded: tuple[str, ...]
    copied: tuple[str, ...]  # of these, what the store copied from a twin; no byte of it went from here
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
    receipts, side = read_receipts(request.receipts), read_side(request.side)
    check_gathered(receipts, request.dist_dir)
    mine = list_files(
        [one.receipt for one in receipts],
        upload_time=request.now,
        yanked={},
        side=[one.receipt for one in side],
    )
    by_name = {one.receipt.filename: one for one in (*receipts, *side)}
    built = {file.path: by_name[file.filename] for file in mine}
    _check_open(mine, request.statuses)
    store = open_objects(request.url)
    if request.dry_run:
        return _summary(_plan(read_published(store), mine, request), mine)
    with take_turn(store, patience=request.patience, waiting=waiting) as turn:
        changes = _plan(turn.published, mine, request)
        _withdraw(turn, changes, request)
        copied = [name for name in changes.upload if _upload(turn, name, built[name], request, sent)]
        write_pages(turn, msgspec.structs.replace(changes.result, pages=turn.published.pages), request)
        remove_doomed(turn)
    return _summary(changes, mine, copied)


def _plan(before: Published, mine: Sequence[ListedFile], request: PublishRequest) -> Changes:
    return plan_changes(before, mine, keep=request.keep, yanked=request.yanked)


def _summary(changes: Changes, mine: Sequence[ListedFile], copied: Sequence[str] = ()) -> Publication:
    return Publication(
        uploaded=changes.upload,
        copied=tuple(copied),
        replaced=changes.replaced,
        removed=changes.result.doomed,
        size=sum(file.size for file in mine if file.path in changes.upload and file.path not in copied),
        listed=len(changes.result.files),
    )


def _withdraw(turn: Turn, changes: Changes, request: PublishRequest) -> None:
    """Take what gets other bytes out of the index first: no page may give the hash of the old ones meanwhile."""
    if changes.replaced:
        write_pages(turn, without(turn.published, changes.replaced), request)
        turn.save(_not_stored(turn.published, changes.replaced))


def _check_open(mine: Sequence[ListedFile], statuses: Statuses) -> None:
    """An archived project takes no uploads (PEP 792)."""
    closed = {file.project for file in mine if statuses.of(file.project).status == ARCHIVED}
    if closed:
        raise UserError(
            f"archived projects take no uploads: {listed(closed)}; see [status] of packaging_specs/index.toml"
        )


def _upload(turn: Turn, name: str, built: Built, request: PublishRequest, sent: Sent) -> bool:
    """Put a file and what belongs to it there, and say whether the store copied the file from its twin."""
    file = request.dist_dir / name
    with file.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != built.receipt.sha256:
            raise UserError(f"{file}: is not what was built; remove it and run doit dist")
    twin = request.twins.get(file.name, "")
    is_copied = bool(twin) and turn.copy(name, twin, file)
    if not is_copied:
        turn.upload(name, file, sent)
    if is_wheel(name):
        turn.write(name + METADATA_SUFFIX, built.receipt.metadata.encode(), "text/plain; charset=utf-8")
    statement = file.with_name(file.name + PROVENANCE_SUFFIX)
    if statement.exists():
        beside = {statement.name: statement.read_bytes()}
        if request.sign:
            beside |= signatures(request.sign, statement)
        for other, content_of in beside.items():
            turn.write(name.removesuffix(file.name) + other, content_of, "application/json")
    turn.arrived(name, built.receipt.sha256)
    return is_copied


def write_pages(turn: Turn, published: Published, request: PublishRequest) -> None:
    """Keep the manifest, then write the pages that it changes: first those of projects, ``index.html`` last.

    A page counts as written from after it was; before it is written again, it does not.
    """
    published = msgspec.structs.replace(published, public_url=request.public_url or published.public_url)
    pages = _pages(published, request)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in pages.items() if content is not None}
    known = {name: digest for name, digest in published.pages.items() if digests.get(name) == digest}
    turn.save(msgspec.structs.replace(published, pages=known))
    changed = [name for name in pages if name not in known]
    own = [name for name in changed if name.count("/") == 2]
    with ThreadPoolExecutor(turn.at_once) as pool:
        for _ in pool.map(lambda name: _write_page(turn, name, pages[name]), own):
            pass
    for name in changed:
        if name.count("/") != 2:
            _write_page(turn, name, pages[name])
    turn.published = msgspec.structs.replace(turn.published, pages=digests)


def _pages(published: Published, request: PublishRequest) -> dict[str, bytes | None]:
    """Return every page, None for those that must not be there any more."""
    text = PageText(title=request.title, gpus=request.gpus, url=published.public_url)
    files = published.files
    sums = {file.filename: file.sha256 for file in files if not file.folder}
    locks = lock_files(files, published.public_url) if published.public_url else {}
    pages = {SUMS: sums_text(sums), **locks, **index_pages(files, text, request.statuses)}
    projects = {file.project for file in files}
    left = {f"{tree}/{project}/index.{kind}" for project in set(published.projects) - projects for tree, kind in PLACES}
    written = {name for name in published.pages if name not in pages}
    return {**dict.fromkeys(sorted(left | written)), **pages}


def _write_page(turn: Turn, name: str, content: bytes | None) -> None:
    if content is None:
        turn.remove(name)
    else:
        turn.write(name, content, _content_type(name))


def remove_doomed(turn: Turn) -> None:
    """Remove what no page names any more. It is not counted as stored from before its removal."""
    published = turn.published
    if published.doomed:
        published = _not_stored(published, published.doomed)
        turn.save(published)
        names = [name + suffix for name in published.doomed for suffix in _suffixes(name)]
        for first in range(0, len(names), REMOVED_AT_ONCE):
            turn.remove(*names[first : first + REMOVED_AT_ONCE])
    projects = tuple(sorted({file.project for file in published.files}))
    turn.save(msgspec.structs.replace(published, doomed=(), projects=projects))


def _suffixes(name: str) -> tuple[str, ...]:
    """Return what lies under a file's name: side files first, so that the file is there as long as one of them is."""
    return (METADATA_SUFFIX, PROVENANCE_SUFFIX, "") if name.endswith(".whl") else (PROVENANCE_SUFFIX, "")


def _not_stored(published: Published, names: Sequence[str]) -> Published:
    gone = set(names)
    stored = {name: digest for name, digest in published.stored.items() if name not in gone}
    return msgspec.structs.replace(published, stored=stored)


def _content_type(name: str) -> str:
    if name.endswith(".html"):
        return "text/html; charset=utf-8"
    if name.partition("/")[0] in {*TREES, *JSON_TREES.values()}:
        return JSON_TYPE
    return "application/json" if name.endswith(".json") else "text/plain; charset=utf-8"
