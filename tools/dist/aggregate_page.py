"""The page over several indexes: which channels there are, and each product in each version."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from packaging.tags import Tag
from packaging.version import Version

from tools.dist.choices import Gpu, releases
from tools.dist.listing import ListedFile
from tools.dist.page import day_of
from tools.dist.picker import ADDRESS, IndexView, picker, product_versions
from tools.dist.templates import render
from tools.naming import read_name
from tools.platform.tags import SYSTEMS
from tools.text import size_text

NEWEST = 30  # versions of each product of an index: a phone loads the whole page, and each index has one with more
ROCM = "ROCm"  # what is ours, all of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A published index."""

    name: str
    href: str  # of its own page
    files: tuple[ListedFile, ...]  # in the index's order


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What an index holds."""

    name: str
    href: str
    newest: str  # version of ROCm; empty: none
    day: str  # of it; empty: not known
    versions: int  # of ROCm
    files: int
    size: int  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A version of a product."""

    version: str
    day: str  # that the first of its indexes got it; empty: not known
    places: tuple[tuple[str, str], ...]  # name and page of each index that has it
    made_for: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """ROCm, or a project of others."""

    name: str
    summary: str
    rows: tuple[Row, ...]  # newest version first


def aggregate_page(indexes: Sequence[Index], *, title: str, gpus: Sequence[Gpu], public_url: str = "") -> bytes:
    """Return the page. The picker begins with the first index."""
    views = [_view(index, gpus, public_url) for index in indexes]
    return render(
        "aggregate.html.j2",
        title=title,
        channels=[_channel(index, view) for index, view in zip(indexes, views, strict=True)],
        products=[*_rocm(views), *_others(views)],
        newest=NEWEST,
        size_text=size_text,
        **picker(views),
    )


def _view(index: Index, gpus: Sequence[Gpu], public_url: str) -> IndexView:
    newest = tuple(_newest(index.files))
    base = public_url.rstrip("/") or ADDRESS
    return IndexView(
        files=newest,
        releases=releases(newest, gpus),
        name=index.name,
        href=index.href,
        address=index.href if urlsplit(index.href).scheme else f"{base}/{index.href}",
    )


def _newest(files: Iterable[ListedFile]) -> Iterator[ListedFile]:
    """Yield the files of the newest versions of ROCm, and of each project of others, from ``files``, newest first."""
    seen: dict[str, set[str]] = {}
    for file in files:
        versions = seen.setdefault("" if file.is_ours else file.project, set())
        if file.version in versions or len(versions) < NEWEST:
            versions.add(file.version)
            yield file


def _channel(index: Index, view: IndexView) -> Channel:
    ours = [file for file in index.files if file.is_ours]
    newest = view.releases[0].version if view.releases else ""
    return Channel(
        name=index.name,
        href=index.href,
        newest=newest,
        day=day_of(ours, newest) if newest else "",
        versions=len({file.version for file in ours if file.package == "meta"} or {file.version for file in ours}),
        files=len(index.files),
        size=sum(file.size for file in index.files),
    )


def _rocm(views: Sequence[IndexView]) -> Iterator[Product]:
    versions = {release.version for view in views for release in view.releases}
    rows = tuple(_rocm_row(version, views) for version in sorted(versions, key=Version, reverse=True))
    if rows:
        yield Product(name=ROCM, summary="", rows=rows)


def _rocm_row(version: str, views: Sequence[IndexView]) -> Row:
    found = [(view, release) for view in views for release in view.releases if release.version == version]
    days = {day_of([file for file in view.files if file.is_ours], version) for view, _ in found}
    return Row(
        version=version,
        day=min(days - {""}, default=""),
        places=tuple(dict.fromkeys((view.name, view.href) for view, _ in found)),
        made_for=(
            *sorted({choice.family for _, release in found for choice in release.choices}),
            *sorted({release.system for _, release in found} - {""}),
        ),
    )


def _others(views: Sequence[IndexView]) -> Iterator[Product]:
    found = [(view, product_versions(view.files)) for view in views]
    for name in sorted({name for _, products in found for name in products}):
        have = [(view, products[name]) for view, products in found if name in products]
        versions = sorted({version for _, own in have for version in own}, key=Version, reverse=True)
        rows = tuple(
            _row(version, [(view, own[version]) for view, own in have if version in own]) for version in versions
        )
        summary = next(file.summary for _, own in have for files in own.values() for file in files)
        yield Product(name=name, summary=summary, rows=rows)


def _row(version: str, found: Sequence[tuple[IndexView, Collection[ListedFile]]]) -> Row:
    files = [file for _, own in found for file in own]
    return Row(
        version=version,
        day=min({file.upload_time[:10] for file in files} - {""}, default=""),
        places=tuple((view.name, view.href) for view, _ in found),
        made_for=tuple(dict.fromkeys((*_pythons(files), *_systems(files)))),
    )


def _pythons(files: Iterable[ListedFile]) -> list[str]:
    """Return the Pythons that wheels are for; for an sdist what it is."""
    names = [read_name(file.filename) for file in files]
    tags = {tag for name in names if name for tag in name.tags}
    found = [_python(tag) for tag in sorted(tags, key=lambda tag: (len(tag.interpreter), tag.interpreter))]
    return [*found, *("source" for file in files if not file.is_wheel)]


def _python(tag: Tag) -> str:
    """Return cp312 as "Python 3.12", with abi3 as "Python 3.12+"; py3 as "Python 3"."""
    version = tag.interpreter.removeprefix("cp").removeprefix("py")
    if not version.isdecimal():
        return tag.interpreter
    dotted = f"{version[0]}.{version[1:]}".rstrip(".")
    return f"Python {dotted}{'+' if tag.abi == 'abi3' else ''}"


def _systems(files: Iterable[ListedFile]) -> list[str]:
    return sorted({SYSTEMS[system] for file in files for system in file.systems})
