"""Stat signatures: whether an artifact is still what its catalog says, answered without reading a file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TypeAlias

import msgspec
import xxhash

from tools.artifact.walk import Row, walk
from tools.errors import UserError
from tools.files import write_bytes

VERSION = 1  # of the catalog's meaning: a higher number makes every older catalog stale
TICK = 20_000_000  # ns; two jiffies at 100 Hz, the coarsest clock Linux stamps files with
COARSE_TICK = 2_000_000_000  # ns; FAT, the coarsest file system, keeps even seconds (ext3 and HFS+ whole ones)
NEVER = -1  # ns; a ctime that no file has

Signature: TypeAlias = tuple[int, int, int, int]  # size, mtime_ns, ctime_ns, inode


class _Header(msgspec.Struct, frozen=True):
    """The file's first line. The rows are its second, so that they are compared as bytes, never decoded."""

    version: int
    catalog: str  # xxh3_128 of the catalog's bytes, hex


def is_current(directory: Path, signatures: Path) -> bool:
    """Say whether the artifact in ``directory`` is what it was when ``signatures`` were written.

    One walk with lstat; no payload is read. Whatever is added, removed, replaced, rewritten, touched or given
    another mode is noticed; when in doubt the answer is no.
    """
    try:
        header, rows = _read(signatures)
        tree = walk(directory)
        return header.version == VERSION and not tree.unreadable and rows == _encode(tree.rows)
    except (OSError, UserError, ValueError):
        return False


def changes(directory: Path, signatures: Path) -> tuple[str, ...]:
    """Return the paths that were added, removed or changed since ``signatures`` were written, sorted.

    :raises UserError: when there are no signatures or the directory cannot be listed.
    """
    before = dict.fromkeys(_decode(signatures))
    after = dict.fromkeys(walk(directory).rows)
    return tuple(sorted({row[0] for row in before.keys() ^ after.keys()}))


def settle(rows: list[Row]) -> int:
    """Wait until no row can change unseen, and return that moment in ns since the epoch.

    A file that is written again within the clock tick of its ctime keeps its signature: git's racy-git.txt
    calls it "racily clean". So the newest ctime must lie a tick back before files are read: a wait of 20 ms,
    2 s where the file system keeps whole seconds. What claims to come from the future is not waited for.
    """
    now = time.time_ns()
    if recent := [ripe for row in rows if now < (ripe := _ripe(row[4])) and row[4] <= now]:
        time.sleep((max(recent) - now) / 1e9)
    return time.time_ns()


def write_signatures(path: Path, rows: list[Row], settled: int, catalog: bytes) -> None:
    """Store ``rows`` as those of the catalog that has these bytes.

    What could change unseen at ``settled`` gets a ctime that no file has, so that it is always read again.
    """
    trusted = [row if _ripe(row[4]) <= settled else (*row[:4], NEVER, row[5]) for row in rows]
    header = _Header(version=VERSION, catalog=xxhash.xxh3_128_hexdigest(catalog))
    write_bytes(path, msgspec.json.encode(header) + b"\n" + _encode(trusted))


def read_signatures(path: Path, catalog: bytes) -> list[Row]:
    """Return the rows of the catalog with these bytes; none when they belong to another, or are damaged."""
    try:
        header, rows = _read(path)
        if header != _Header(version=VERSION, catalog=xxhash.xxh3_128_hexdigest(catalog)):
            return []
        return msgspec.json.decode(rows, type=list[Row])
    except (OSError, ValueError):
        return []


def _ripe(ctime: int) -> int:
    return ctime + (TICK if ctime % 1_000_000_000 else COARSE_TICK)


def _encode(rows: list[Row]) -> bytes:
    return msgspec.json.encode(rows) + b"\n"


def _decode(signatures: Path) -> list[Row]:
    try:
        return msgspec.json.decode(_read(signatures)[1], type=list[Row])
    except OSError as error:
        raise UserError(f"{signatures}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UserError(f"{signatures}: is damaged ({error}); remove it and run again") from None


def _read(path: Path) -> tuple[_Header, bytes]:
    header, _, rows = path.read_bytes().partition(b"\n")
    return msgspec.json.decode(header, type=_Header), rows
