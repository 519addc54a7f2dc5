"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import glob
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedRandom, FileIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tools.errors import UserError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_OF_WRITING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})  # reading never meets them
_LEFTOVER = re.compile(r"\..+\.[a-z0-9_]{8}\.part")  # the names that _new makes


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file beside ``path`` that takes its name when the block ends well.

    On any exception nothing is left, neither under the final name nor under the temporary one. The kernel applies
    the umask, as for any file a user makes: to ask for it, a process has to change it, and threads would meet in that.

    :raises UserError: when the directory cannot be written or the disk is full. What the block raises of other files
        stays what it is; :func:`reading` gives errors of reading the name of their file.
    """
    make_directory(path.parent)
    temporary = _new(path)
    name = Path(os.fsdecode(temporary.name))
    try:
        with BufferedRandom(temporary) as file:
            yield file
            file.flush()
        name.replace(path)
    except OSError as error:
        name.unlink(missing_ok=True)
        if error.filename in (str(path), str(name)) or error.errno in _OF_WRITING:
            raise _unwritten(path, error) from None
        raise
    except BaseException:
        name.unlink(missing_ok=True)
        raise


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Tell an error of the block as one of reading ``path``: an error of read(2) does not know the file's name.

    What the block writes through :func:`atomic_write` has its own name in its errors.

    :raises UserError: when ``path`` cannot be opened or read.
    """
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename not in (None, str(path)):
            raise
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None


class _Target(FileIO):
    """A new file that tells its errors under the name that it is going to have."""

    def __init__(self, temporary: Path, path: Path) -> None:
        super().__init__(temporary, "x+")
        self._path = path

    def write(self, content: ReadableBuffer, /) -> int:
        try:
            return super().write(content)
        except OSError as error:
            raise _unwritten(self._path, error) from None


def _new(path: Path) -> _Target:
    while True:
        try:
            return _Target(path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part"), path)
        except FileExistsError:
            continue
        except OSError as error:
            raise _unwritten(path, error) from None


def _unwritten(path: Path, error: OSError) -> UserError:
    return UserError(f"{path}: cannot be written: {error.strerror}")


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


def remove_leftovers_of(path: Path) -> None:
    """Remove what was to become ``path`` when its process was killed. Only while nobody writes that file."""
    name = path.name[:100]
    for file in path.parent.glob(f".{glob.escape(name)}.*.part"):
        if _LEFTOVER.fullmatch(file.name) and file.name.count(".") == name.count(".") + 3:  # not what begins so, too
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
