"""One page for people over several published indexes: channels of one product, or publications of several families.

The page is made from what each index keeps of itself (its manifest), and then needs nothing: a browser asks no
network. What it offers is installed from the index that has it, so indexes that lie below the page are named relative
to it, and a copy of the whole tree works as the tree does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tools.dist.aggregate_page import Index, aggregate_page
from tools.dist.choices import Gpu
from tools.dist.fetch import open_index
from tools.dist.gather import SUMS
from tools.dist.index import TITLE
from tools.dist.listing import in_order
from tools.dist.turn import read_published
from tools.errors import UserError
from tools.store.objects import Objects, open_objects

PAGE = "index.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateRequest:
    """Published indexes and the page over them."""

    indexes: tuple[tuple[str, str], ...]  # name and address of each, the one first that people should begin with
    url: str  # where the page goes, a path or what fsspec knows
    public_url: str = ""  # under which people read what lies at ``url``
    gpus: tuple[Gpu, ...] = ()
    title: str = TITLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """What a page was made from."""

    listed: Mapping[str, int]  # name of an index -> files that it names
    changed: bool  # the page that was there was another one, or none


def aggregate(request: AggregateRequest) -> Aggregate:
    """Write the page and return what it was made from. Equal indexes give equal bytes.

    :raises UserError: naming every index that is not there, cannot be read, or that people could not read; when the
        page would take the place of an index's own.
    """
    store = open_objects(request.url)
    check_place(store)
    indexes, problems = [], []
    for name, address in request.indexes:
        try:
            indexes.append(_look(name, address, request))
        except UserError as error:
            problems.append(str(error))
    if problems:
        raise UserError(f"indexes: {'; '.join(problems)}")
    content = aggregate_page(indexes, title=request.title, gpus=request.gpus, public_url=request.public_url)
    changed = store.read(PAGE) != content
    if changed:
        store.write(PAGE, content, "text/html; charset=utf-8")
    return Aggregate(listed={one.name: len(one.files) for one in indexes}, changed=changed)


def check_place(store: Objects) -> None:
    """Find out whether the page would replace that of an index; a UserError when it would."""
    if store.read(SUMS) is not None:
        raise UserError(
            f"url: {store.url}: is an index, whose own page this one would replace; give the page a folder of its "
            "own, such as the one that holds the indexes"
        )


def href_of(address: str, request: AggregateRequest, public_url: str = "") -> str:
    """Return where the page of an index lies, for a link: relative where it lies below the page.

    ``public_url`` is what the index says of itself.

    :raises UserError: when people could not read it there.
    """
    plain = _plain(address)
    for base in filter(None, (request.url, request.public_url)):
        below = plain.removeprefix(f"{_plain(base)}/")
        if below != plain:
            return f"{quote(below)}/{PAGE}"
    site = plain if plain.startswith(("http://", "https://")) else _plain(public_url)
    if site:
        return f"{site}/{PAGE}"
    if "://" not in plain + _plain(request.url):
        return f"{Path(plain).as_uri()}/{PAGE}"
    raise UserError(
        f"{address}: who reads the page at {request.url} cannot read an index there; name it by its https address, "
        "publish it with public_url=, or let url= be a folder that it lies in"
    )


def _look(name: str, address: str, request: AggregateRequest) -> Index:
    published = read_published(open_index(address))
    if not published.files:
        raise UserError(f"{address}: has no published index; `doit publish url=...` makes one")
    href = href_of(address, request, published.public_url)
    return Index(name=name, href=href, files=in_order(published.files))


def _plain(address: str) -> str:
    """Return an address by which two of the same place are equal."""
    return address.removeprefix("file://").rstrip("/")
