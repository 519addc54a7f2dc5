"""Files that appear whole or not at all, and JSON that is the same bytes for the same value."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from tools.errors import UserError

T = TypeVar("T")
_LEFTOVER = re.compile(r"\..+\.[a-z0-9_]{8}\.part")  # what tempfile.mkstemp makes of the prefix and suffix below


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file beside ``path`` that takes its name when the block ends well.

    On any exception nothing is left, neither under the final name nor under the temporary one. The mode follows
    the umask, as for any file a user makes.

    :raises UserError: when the directory cannot be written or the disk is full.
    """
    make_directory(path.parent)
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fchmod(file.fileno(), 0o666 & ~_umask())
        Path(name).replace(path)
    except OSError as error:
        _remove(name)
        if error.errno is None:
            raise
        raise UserError(f"{path}: cannot be written: {error.strerror}") from None
    except BaseException:
        _remove(name)
        raise


def make_directory(path: Path) -> None:
    """Make a directory and those above it; one that is there is left alone.

    :raises UserError: when something else has its name, or it may not be made there.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{path}: cannot be made a directory: {error.strerror}") from None


def remove_leftovers(directory: Path) -> None:
    """Remove what :func:`atomic_write` was writing at any depth of ``directory`` when its process was killed.

    Only for directories where nobody is writing now.
    """
    for file in directory.rglob(".*.part"):
        if _LEFTOVER.fullmatch(file.name):
            file.unlink(missing_ok=True)


def obstacle(directory: Path) -> str:
    """Return why no file can be put into ``directory``, which may have to be made; "" as far as nothing is known."""
    there = next(path for path in (directory, *directory.parents) if path.exists())
    if not there.is_dir():
        return f"{there} is no directory"
    can_write = os.access(there, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids)
    return "" if can_write else f"{there} is write-protected"


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content`` under ``path`` in one step; an equal file is left alone, time stamp included."""
    with suppress(OSError):
        if path.stat().st_size == len(content) and path.read_bytes() == content:
            return
    with atomic_write(path) as file:
        file.write(content)


def write_json(path: Path, value: object) -> None:
    """Write ``value`` as canonical JSON: compact, in field order, mappings sorted by key, one final newline."""
    write_bytes(path, encode_json(value))


def encode_json(value: object) -> bytes:
    """Return ``value`` as canonical JSON: equal values give equal bytes."""
    return msgspec.json.encode(value, order="deterministic") + b"\n"


def read_json(path: Path, type_: type[T]) -> T:
    """Return the value of ``type_`` that :func:`write_json` stored.

    :raises UserError: when the file is missing or is not such a value; both name the file.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=type_)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: is damaged ({error}); remove it and run again") from None


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _remove(name: str) -> None:
    with suppress(FileNotFoundError):
        Path(name).unlink()
