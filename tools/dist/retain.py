"""Old versions leave a published index, each channel after its time; first it is only told which.

What goes is decided twice: by a run that changes nothing and tells a digest of the list, and by one that is given this
digest. Nothing goes that a lock file of the index names, or that a wheel of others needs and no other version meets.
"""

from __future__ import annotations

import email.parser
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from packaging.requirements import Requirement
from packaging.version import Version

from tools.dist.channels import Channel, ends, too_old
from tools.dist.listing import METADATA_SUFFIX, ListedFile
from tools.dist.lock import locked_version
from tools.dist.publish import PublishRequest, remove_doomed, write_pages
from tools.dist.published import Published
from tools.dist.turn import read_published, take_turn
from tools.errors import UserError
from tools.naming import project_name
from tools.store.objects import Objects, open_objects

DIGITS = 12  # of a list's digest that people have to repeat


@dataclass(frozen=True, slots=True, kw_only=True)
class RetainRequest:
    """A published index and how long its channels keep their files."""

    look: PublishRequest  # address and appearance; it has no files
    channels: tuple[Channel, ...]
    agree: str = ""  # the digest of the list that may go; empty: only tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What goes, or would go."""

    versions: Mapping[str, str]  # version -> name of its channel
    files: tuple[str, ...]  # paths, sorted
    kept: tuple[str, ...]  # versions whose time is over and which something needs, sorted
    size: int  # bytes of the files
    digest: str  # of the list
    staying: int = 0  # versions that are there afterwards
    next: str = ""  # of these, which goes first
    next_time: str = ""  # the day on which it does, ISO 8601


def retain(request: RetainRequest, *, waiting: Callable[[str], object]) -> Retention:
    """Remove what is too old, if its list is agreed to, and return what went or would go.

    :raises UserError: when the list is another one than the one agreed to, or the store fails.
    """
    store = open_objects(request.look.url)
    if not request.agree:
        return plan_retention(read_published(store), store, request)
    with take_turn(store, patience=request.look.patience, waiting=waiting) as turn:
        planned = plan_retention(turn.published, store, request)
        if not planned.digest.startswith(request.agree):
            raise UserError(
                f"agree: {request.agree} is the digest of another list; run again without it and look at what would go"
            )
        gone = set(planned.files)
        published = msgspec.structs.replace(
            turn.published,
            files=tuple(file for file in turn.published.files if file.path not in gone),
            doomed=tuple(sorted({*turn.published.doomed, *gone})),
        )
        write_pages(turn, published, request.look)
        remove_doomed(turn)
    return planned


def plan_retention(published: Published, store: Objects, request: RetainRequest) -> Retention:
    """Return what has to go at the time of the request."""
    ours = [file for file in published.files if file.is_ours]
    uploaded: dict[str, str] = {}
    for file in ours:
        uploaded[file.version] = max(uploaded.get(file.version, ""), file.upload_time)
    versions = _rocm_versions(ours, uploaded)
    now = datetime.fromisoformat(request.look.now)
    old = too_old(versions, request.channels, now)
    kept = set(old) & {locked_version(published.files)}
    kept |= _needed(published.files, set(old) - kept, store)
    gone = {version: channel.name for version, channel in old.items() if version not in kept}
    files = sorted((file for file in ours if file.version in gone), key=lambda file: file.path)
    names = tuple(file.path for file in files)
    end, following = _next_end(versions, request.channels, now)
    return Retention(
        versions=gone,
        files=names,
        kept=tuple(sorted(kept, key=Version)),
        size=sum(file.size for file in files),
        digest=hashlib.sha256("\n".join(names).encode()).hexdigest()[:DIGITS],
        staying=len(versions.keys() - gone.keys()),
        next=following,
        next_time=end,
    )


def _next_end(uploaded: Mapping[str, str], channels: Sequence[Channel], now: datetime) -> tuple[str, str]:
    """Return the day on which a version goes next, and which that is; nothing where all that stay do so for ever."""
    coming = [(end, version) for version, end in ends(uploaded, channels).items() if end >= now]
    end, version = min(coming, default=(None, ""))
    return (end.date().isoformat() if end else "", version)


def _rocm_versions(files: Iterable[ListedFile], uploaded: Mapping[str, str]) -> dict[str, str]:
    """Return the versions that are ROCm's: a carried wheel has one of its own, and goes with none."""
    metas = {file.version for file in files if file.package == "meta"}
    return {version: time for version, time in uploaded.items() if version in metas or not metas}


def _needed(files: Sequence[ListedFile], old: set[str], store: Objects) -> set[str]:
    """Return the versions among ``old`` that wheels of others require, where no version that stays would do."""
    versions: dict[str, set[str]] = {}
    for file in files:
        if file.is_ours:
            versions.setdefault(file.project, set()).add(file.version)
    others = [file.path + METADATA_SUFFIX for file in files if not file.is_ours and file.is_wheel] if old else []
    needed = set()
    with ThreadPoolExecutor(store.at_once) as pool:
        for metadata in pool.map(store.read, others):
            for requirement in _requirements(metadata or b""):
                there = versions.get(project_name(requirement.name), set())
                fit = {one for one in there if requirement.specifier.contains(one, prereleases=True)}
                if fit and fit <= old:
                    needed.add(max(fit, key=Version))
    return needed


def _requirements(metadata: bytes) -> list[Requirement]:
    fields = email.parser.HeaderParser().parsestr(metadata.decode("utf-8", "replace"))
    return [Requirement(line) for line in fields.get_all("Requires-Dist", [])]


def empty_look(url: str, now: str, **options: object) -> PublishRequest:
    """Return a request that publishes no file: what pages look like, and where."""
    return PublishRequest(receipts=(), dist_dir=Path(), url=url, now=now, **options)  # type: ignore[arg-type]
