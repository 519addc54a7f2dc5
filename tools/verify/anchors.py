"""The links of a page, as an installer follows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import unquote, urldefrag, urljoin

BASE = "https://dist.invalid/"  # links are compared as if the dist were there (RFC 6761: a name nobody has)


class Anchor(NamedTuple):
    """One link."""

    url: str  # absolute, without its fragment
    text: str
    attributes: Mapping[str, str]


def anchors(page: str, text: bytes) -> Iterator[Anchor]:
    """Yield the links of ``page`` (its path below the dist) in their order, whatever the text holds."""
    parser = _Links()
    parser.feed(text.decode("utf-8", "replace"))
    for attributes, words in parser.found:
        url, fragment = joined(page, attributes.get("href", ""))
        yield Anchor(url, "".join(words).strip(), {**attributes, "hash": unquote(fragment)})


def joined(page: str, href: str) -> tuple[str, str]:
    """Return the absolute URL and the fragment of a link; a link that is no URL stays as it is."""
    try:
        return urldefrag(urljoin(BASE + page, href))
    except ValueError:
        return href, ""


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[dict[str, str], list[str]]] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append(({name: value or "" for name, value in attrs}, []))
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "a"

    def handle_data(self, data: str) -> None:
        if self._open:
            self.found[-1][1].append(data)
