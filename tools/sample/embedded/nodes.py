"""What the paths of the sample can be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """Something the compiler makes from one C file.

    Equal values are compiled once. ``name`` is the file name that others link against, and a library's SONAME
    unless ``soname`` is false.
    """

    name: str
    source: str  # C
    kind: Literal["library", "program", "freestanding", "archive", "debug"]
    needs: tuple[Binary, ...] = ()  # each becomes a NEEDED entry
    rpath: str = ""  # DT_RPATH
    runpath: str = ""  # DT_RUNPATH
    soname: bool = True
    libc: bool = False  # a library that needs libc.so.6; programs always do
    bits: Literal[32, 64] = 64


@dataclass(frozen=True, slots=True)
class Bytes:
    """A file with this content."""

    content: bytes
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link."""

    target: str


@dataclass(frozen=True, slots=True)
class HardLink:
    """Another name of the file at ``path``, which is relative to the same artifact directory."""

    path: str


@dataclass(frozen=True, slots=True)
class EmptyDirectory:
    """A directory with nothing in it."""


Node: TypeAlias = Binary | Bytes | Link | HardLink | EmptyDirectory


def text(content: str, mode: int = 0o644) -> Bytes:
    """Return a text file."""
    return Bytes(content.encode(), mode)


def chain(folder: str, library: Binary, version: str) -> Iterator[tuple[str, Node]]:
    """Yield the file ``libx.so.1.2.3``, then its SONAME ``libx.so.1`` and ``libx.so``: links to the next."""
    bare = library.name.partition(".so")[0] + ".so"
    full = f"{bare}.{version}"
    yield f"{folder}/{full}", library
    yield f"{folder}/{library.name}", Link(full)
    yield f"{folder}/{bare}", Link(library.name)
