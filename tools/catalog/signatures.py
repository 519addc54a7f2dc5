"""Signatures: whether an artifact is still what its catalog says, answered without opening a file of it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import xxhash

from tools.artifact.model import Artifact
from tools.errors import UserError
from tools.files import write_bytes
from tools.values import decode_json

VERSION = 2  # of the catalog's meaning: a higher number makes every older catalog stale


class _Header(msgspec.Struct, frozen=True):
    """The file's first line. The artifact's state follows, so that it is compared as bytes, never decoded."""

    version: int
    catalog: str  # xxh3_128 of the catalog's bytes, hex


def is_current(artifact: Artifact, signatures: Path) -> bool:
    """Say whether the artifact is what it was when ``signatures`` were written.

    Nothing of it is opened. Whatever is added, removed, replaced, rewritten, touched or given another mode is
    noticed; when in doubt the answer is no.
    """
    try:
        header, state = _read(signatures)
        return header.version == VERSION and state == artifact.state()
    except (OSError, UserError, ValueError):
        return False


def changes(artifact: Artifact, signatures: Path) -> tuple[str, ...]:
    """Return the paths that were added, removed or changed since ``signatures`` were written, sorted.

    :raises UserError: when there are no signatures or the artifact cannot be looked at.
    """
    try:
        return artifact.changes(_read(signatures)[1])
    except OSError as error:
        raise UserError(f"{signatures}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UserError(f"{signatures}: is damaged ({error}); remove it and run again") from None


def write_signatures(path: Path, state: bytes, catalog: bytes) -> None:
    """Store ``state`` as that of the artifact when the catalog with these bytes was made of it."""
    header = _Header(version=VERSION, catalog=xxhash.xxh3_128_hexdigest(catalog))
    write_bytes(path, msgspec.json.encode(header) + b"\n" + state)


def read_signatures(path: Path, catalog: bytes) -> bytes | None:
    """Return the state that belongs to the catalog with these bytes; None when it is another's, or damaged."""
    try:
        header, state = _read(path)
    except (OSError, ValueError):
        return None
    return state if header == _Header(version=VERSION, catalog=xxhash.xxh3_128_hexdigest(catalog)) else None


def _read(path: Path) -> tuple[_Header, bytes]:
    header, _, state = path.read_bytes().partition(b"\n")
    return decode_json(header, _Header), state
