# ruff: noqa: PTH115, PTH116, PTH118
# Calls relative to an open directory exist in os alone.
"""Directories below a root, entered one at a time without ever following a link."""

from __future__ import annotations

import errno
import os
import stat
from types import TracebackType
from typing import BinaryIO, NamedTuple

from rocm_sdk_core import _windows
from rocm_sdk_core._errors import SdkError

RELATIVE = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")  # not on Windows

READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class Place(NamedTuple):
    """A name in a directory, as ``os`` functions take it."""

    name: str  # in ``fd``, or a whole path where the system has no calls relative to a directory
    fd: int | None

    def status(self) -> os.stat_result | None:
        """Return the status of the name itself, or None when nothing is there."""
        try:
            return os.stat(self.name, dir_fd=self.fd, follow_symlinks=False)
        except FileNotFoundError as error:
            if getattr(error, "winerror", None) == _windows.TOO_LONG:
                raise  # what is there cannot be seen
            return None

    def path(self) -> str:
        """Return an absolute path for calls that take no open directory."""
        return self.name if self.fd is None else os.path.join(os.readlink(f"/proc/self/fd/{self.fd}"), self.name)

    def readlink(self) -> str:
        """Return what the symlink holds."""
        return os.readlink(self.name, dir_fd=self.fd)

    def open(self) -> BinaryIO:
        """Open the file for reading; a symlink is an error."""
        return os.fdopen(os.open(self.name, READ, dir_fd=self.fd), "rb")

    def unlink(self) -> None:
        """Remove the name; a name that is gone is fine."""
        try:
            os.unlink(self.name, dir_fd=self.fd)
        except FileNotFoundError:
            return

    def rename_to(self, other: Place) -> None:
        """Move to ``other`` in one step, in place of what is there."""
        os.replace(self.name, other.name, src_dir_fd=self.fd, dst_dir_fd=other.fd)


class Tree:
    """The tree below ``root``. Directories stay open while the next path is below them."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._names: list[str] = []
        self._fds: list[int] = [_open(root, None)] if RELATIVE else []

    def __enter__(self) -> Tree:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._fds:
            os.close(self._fds.pop())

    def place(self, path: str, *, create: bool = False) -> Place | None:
        """Return the place of ``path``, or None when a directory above it is missing and not to be made.

        :raises SdkError: when something above ``path`` is a link or a file: links would land elsewhere.
        """
        *parents, name = path.split("/")
        common = 0
        while common < min(len(parents), len(self._names)) and parents[common] == self._names[common]:
            common += 1
        self._leave(common)
        for parent in parents[common:]:
            if not self._enter(parent, create=create):
                return None
        return self._at(name)

    def _at(self, name: str) -> Place:
        if RELATIVE:
            return Place(name, self._fds[-1])
        return Place(os.path.join(_windows.long_path(self.root), *self._names, name), None)

    def _leave(self, depth: int) -> None:
        del self._names[depth:]
        while len(self._fds) > depth + 1:
            os.close(self._fds.pop())

    def _enter(self, name: str, *, create: bool) -> bool:
        place = self._at(name)
        status = place.status()
        if status is None:
            if not create:
                return False
            os.mkdir(place.name, dir_fd=place.fd)
            mode = os.stat(self.root).st_mode & 0o777  # as the root's, whatever the umask: others read the tree, too
            os.chmod(place.name, mode, dir_fd=place.fd)
        elif not stat.S_ISDIR(status.st_mode):
            raise self._not_a_directory(name)
        if RELATIVE:
            try:
                self._fds.append(_open(name, place.fd))
            except OSError as error:
                if error.errno in (errno.ELOOP, errno.ENOTDIR):  # exchanged since the check
                    raise self._not_a_directory(name) from None
                raise
        self._names.append(name)
        return True

    def _not_a_directory(self, name: str) -> SdkError:
        path = os.path.join(self.root, *self._names, name)
        return SdkError(f"{path}: is not a directory, so links cannot be made below it; move it away and run again")


def _open(name: str, fd: int | None) -> int:
    return os.open(name, READ | getattr(os, "O_DIRECTORY", 0), dir_fd=fd)
