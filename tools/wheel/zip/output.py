"""A file that is written from front to back and hashed on the way, with room for second thoughts."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tools.wheel.compress.deflating import Buffer
from tools.wheel.sizes import MIB
from tools.workers.progress import Progress

_BLOCK = 8 * MIB  # read again at a time


class Mark(NamedTuple):
    """A state of the output to come back to."""

    position: int
    hashed: int
    sha256: hashlib._Hash


class Output:
    """Writes to a descriptor from its beginning. Only one thread at a time.

    Errors of the system name the file that ``path`` says.
    """

    def __init__(self, descriptor: int, path: Path, progress: Progress) -> None:
        self._descriptor, self._path = descriptor, path
        self._progress = progress
        self._sha256 = hashlib.sha256()
        self._hashed = 0  # bytes that went into the hash
        self.position = 0  # where the next byte goes

    def write(self, content: Buffer) -> None:
        """Append ``content`` and hash it, unless something before it is still unhashed."""
        self._append(content)
        if self._hashed == self.position - len(content):
            self._sha256.update(content)
            self._hashed = self.position

    def leave_room(self, length: int) -> int:
        """Append ``length`` zeros that will be filled in later and return where they lie.

        Nothing is hashed from here on until :meth:`fill` was called.
        """
        start = self.position
        self._append(bytes(length))
        return start

    def fill(self, start: int, content: bytes) -> None:
        """Put ``content`` where room was left, and hash from there to the end by reading that again."""
        with self._named():
            os.pwrite(self._descriptor, content, start)
        while self._hashed < self.position:
            with self._named():
                block = os.pread(self._descriptor, min(_BLOCK, self.position - self._hashed), self._hashed)
            if not block:
                raise AssertionError("our own file became shorter while it was written")
            self._sha256.update(block)
            self._hashed += len(block)

    def mark(self) -> Mark:
        """Return the state of now."""
        return Mark(self.position, self._hashed, self._sha256.copy())

    def go_back(self, mark: Mark) -> None:
        """Drop what was written since ``mark``."""
        with self._named():
            os.ftruncate(self._descriptor, mark.position)
        self.position, self._hashed, self._sha256 = mark.position, mark.hashed, mark.sha256.copy()

    def hexdigest(self) -> str:
        """Return the sha256 of the whole file."""
        if self._hashed != self.position:
            raise AssertionError("room was left and never filled")
        return self._sha256.hexdigest()

    def _append(self, content: Buffer) -> None:
        view, done = memoryview(content), 0
        with self._named():
            while done < len(view):
                done += os.pwrite(self._descriptor, view[done:], self.position + done)
        self.position += len(view)
        self._progress.add(bytes_written=len(view))

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self._path)) from None
