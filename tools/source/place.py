"""A place that archives come from: it lists names and gives bytes from any offset."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import msgspec

from tools.source.patience import Patience

CONNECTIONS = 16  # at one time, to one place
WEB = frozenset({"http", "https"})


class RemoteFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file at a place."""

    name: str
    size: int | None  # bytes; None where only a look at the file tells
    version: str  # ETag, else the time of the last change; "" where only a look at the file tells
    is_tag: bool = False  # the version is an ETag of an object store, which is another for other bytes


class Place(Protocol):
    """What fails for good is a UserError with the address, what may pass is a Passing."""

    url: str  # without a slash at the end

    def list(self) -> list[RemoteFile]:
        """Return the files there, in any order; those of folders below are not among them."""

    def look(self, name: str) -> RemoteFile:
        """Return a file with its size and version, as they are now."""

    def read(self, name: str, most: int) -> bytes:
        """Return a small file, ``most`` bytes of it at most."""

    def blocks(self, found: RemoteFile, start: int) -> Iterator[bytes]:
        """Yield the bytes from ``start``; perhaps not all, when a connection ends early.

        :raises InputChanged: when it is not the version that was found.
        """


def local_directory(url: str) -> Path | None:
    """Return the directory that a path or a ``file://`` URL names; None for what is elsewhere.

    :raises ValueError: for a file of another machine; the text goes on after the URL.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        if parts.netloc not in ("", "localhost"):
            raise ValueError("names another machine; file:///PATH names this one")
        return Path(unquote(parts.path))
    return None if "://" in url else Path(url)


def open_place(url: str, *, patience: Patience, connections: int = CONNECTIONS) -> Place:
    """Return the place at ``url``: ``https://``, or what fsspec knows, such as ``s3://bucket/folder``.

    :raises UserError: when the kind of place is not known, or needs a package that is not there.
    """
    if urlsplit(url).scheme in WEB:
        from tools.source.web import Web

        return Web(url, timeout=patience.timeout, connections=connections)
    from tools.source.bucket import open_bucket

    return open_bucket(url, timeout=patience.timeout, connections=connections)
