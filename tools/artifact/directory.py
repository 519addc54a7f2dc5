"""An artifact that is a directory: each file is a span of itself, and the state is what lstat(2) says of all paths."""

from __future__ import annotations

import os
import stat
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.artifact.manifest import read_base_dirs
from tools.artifact.span import Span, stamp_of, whole_file

if TYPE_CHECKING:  # looked at by every run, scanned by few
    from tools.artifact.model import Identity, Scan


@dataclass(frozen=True, slots=True)
class DirectoryArtifact:
    """An artifact in a directory of its name; tools.artifact.model says what the methods do."""

    name: str
    directory: Path

    @property
    def place(self) -> str:
        """The directory."""
        return str(self.directory)

    @property
    def is_packed(self) -> bool:
        """Say no."""
        return False

    def unpack(self) -> None:
        """Do nothing."""

    def is_unpacked(self) -> bool:
        """Say yes."""
        return True

    def base_dirs(self) -> tuple[str, ...]:
        """Read the manifest."""
        return read_base_dirs(self.directory)

    def scan(self) -> Scan:
        """Walk the directory and wait until a file that is written again shows it."""
        from tools.artifact.directory_scan import scan

        return scan(self.directory, self.base_dirs())

    def state(self) -> bytes:
        """Walk the directory; one that cannot be listed whole has no state."""
        from tools.artifact.directory_scan import state

        return state(self.directory)

    def identity(self) -> Identity | None:
        """Time stamps mean nothing elsewhere."""
        return None

    def changes(self, before: bytes) -> tuple[str, ...]:
        """Compare the rows."""
        from tools.artifact.directory_scan import changes

        return changes(self.directory, before)

    def identities(self, before: bytes) -> Mapping[str, Hashable]:
        """Return the stamps of then."""
        from tools.artifact.state import decode
        from tools.artifact.walk import device_of

        return {row[0]: row[1:] for row in decode(before, device_of(self.directory))}

    def span(self, path: str, size: int) -> Span:
        """Return the file, unseen."""
        file = f"{self.directory}/{path}"
        return Span(file, 0, size, size, file)

    def names(self, path: str) -> tuple[str, ...]:
        """List the directory."""
        try:
            return tuple(sorted(os.listdir(f"{self.directory}/{path}")))  # noqa: PTH208
        except OSError:
            return ()

    def find(self, path: str) -> Span | None:
        """Look for the file; a link is none."""
        file = f"{self.directory}/{path}"
        try:
            status = os.lstat(file)
        except OSError:
            return None
        return whole_file(file, stamp_of(status)) if stat.S_ISREG(status.st_mode) else None
