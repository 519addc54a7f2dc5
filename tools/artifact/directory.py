"""An artifact that is a directory: each file is a span of itself, and the state is what lstat(2) says of all paths."""

from __future__ import annotations

import os
import stat
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.artifact.contents import below, problem_of
from tools.artifact.manifest import read_base_dirs
from tools.artifact.model import Found, Scan
from tools.artifact.names import unfit
from tools.artifact.span import Span, Stamp, changed, stamp_of
from tools.artifact.walk import EMPTY_DIRECTORY, Row, walk
from tools.errors import UserError, listed


@dataclass(frozen=True, slots=True)
class DirectoryArtifact:
    """An artifact in a directory of its name; tools.artifact.model says what the methods do."""

    name: str
    directory: Path

    @property
    def place(self) -> str:
        """The directory."""
        return str(self.directory)

    def base_dirs(self) -> tuple[str, ...]:
        """Read the manifest."""
        return read_base_dirs(self.directory)

    def scan(self) -> Scan:
        """Walk the directory and wait until a file that is written again shows it."""
        from tools.artifact.state import encode, settle, trusted

        base_dirs = self.base_dirs()
        tree = walk(self.directory)
        if problem := problem_of(tree, base_dirs):
            raise UserError(f"{self.directory}: {problem}")
        settled = settle(tree.rows)
        found = list(self._all_found(tree.rows, base_dirs))
        if wrong := [one for one in found if one.target and unfit([one.target])]:
            links = listed(f"{base_dirs[one.base]}/{one.path} -> {one.target!r}" for one in wrong)
            raise UserError(
                f"{self.directory}: link targets must be UTF-8 without control characters or backslashes: {links}"
            )
        return Scan(base_dirs, found, encode(trusted(tree.rows, settled)))

    def state(self) -> bytes:
        """Walk the directory; one that cannot be listed whole has no state."""
        from tools.artifact.state import encode

        tree = walk(self.directory)
        if tree.unreadable:
            raise UserError(f"{self.directory}: directories cannot be listed: {listed(tree.unreadable)}")
        return encode(tree.rows)

    def changes(self, before: bytes) -> tuple[str, ...]:
        """Compare the rows."""
        from tools.artifact.state import decode

        then, now = dict.fromkeys(decode(before)), dict.fromkeys(walk(self.directory).rows)
        return tuple(sorted({row[0] for row in then.keys() ^ now.keys()}))

    def identities(self, before: bytes) -> Mapping[str, Hashable]:
        """Return the stamps of then."""
        from tools.artifact.state import decode

        return {row[0]: row[1:] for row in decode(before)}

    def span(self, path: str, size: int) -> Span:
        """Return the file, unseen."""
        file = f"{self.directory}/{path}"
        return Span(file, 0, size, size, file)

    def find(self, path: str) -> Span | None:
        """Look for the file; a link is none."""
        file = f"{self.directory}/{path}"
        try:
            status = os.lstat(file)
        except OSError:
            return None
        return _whole(file, stamp_of(status)) if stat.S_ISREG(status.st_mode) else None

    def _all_found(self, rows: list[Row], base_dirs: tuple[str, ...]) -> Iterator[Found]:
        for base, base_dir in enumerate(base_dirs):
            start = len(base_dir) + 1
            for row in below(rows, base_dir):
                yield self._found(row, base, start)

    def _found(self, row: Row, base: int, start: int) -> Found:
        path, mode = row[0], row[1]
        if mode == EMPTY_DIRECTORY:
            return Found(base, path[start:], "dir")
        file = f"{self.directory}/{path}"
        if stat.S_ISLNK(mode):
            return Found(base, path[start:], "link", target=_target(file))
        stamp, mode = row[1:], 0o755 if mode & 0o111 else 0o644
        return Found(base, path[start:], "file", mode, row[2], "", _whole(file, stamp), stamp)


def _whole(file: str, stamp: Stamp) -> Span:
    return Span(file, 0, stamp[1], stamp[1], file, stamp)


def _target(file: str) -> str:
    try:
        return os.readlink(file)  # noqa: PTH115 (Path would tidy the target up)
    except OSError:
        raise changed(file, "changed") from None
