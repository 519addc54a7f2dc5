"""Files that no catalog knows yet: large ones are hashed in the pool, small ones by one thread at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from tools.artifact.walk import Row
from tools.catalog.fingerprint import Fingerprint, fingerprint
from tools.catalog.signatures import Signature
from tools.errors import InputChanged, UserError, listed
from tools.workers.context import Context
from tools.workers.kept import SMALL


def read_fresh(directory: Path, files: list[Row], known: dict[Signature, Fingerprint], context: Context) -> None:
    """Add to ``known`` what it lacks of ``files``. The other names of a hard link follow from the first.

    :raises UserError: when files cannot be read or are damaged; all culprits are named.
    :raises InputChanged: when a file changes meanwhile.
    """
    kept = None if known else context.kept  # else most of what is read was only touched, and is compressed already
    reading = _Reading(f"{directory}/", known)
    fresh = {row[2:]: row for row in reversed(files) if row[2:] not in known}
    large = [row for row in fresh.values() if row[2] > SMALL]
    hashing = [context.pool.submit(partial(fingerprint, reading.root, row), urgent=True) for row in large]
    # Reading small files is Python more than anything else: threads that do so together only hinder each other.
    with context.small_files:
        for row in fresh.values():
            if row[2] <= SMALL:
                reading.note(row, partial(fingerprint, reading.root, row, kept))
    for row, future in zip(large, hashing, strict=True):
        reading.note(row, future.result)
    reading.check(directory)


class _Reading:
    """What was read, and what could not be."""

    def __init__(self, root: str, known: dict[Signature, Fingerprint]) -> None:
        self.root, self._known = root, known
        self._damaged: list[str] = []
        self._unreadable: list[str] = []

    def note(self, row: Row, read: Callable[[], Fingerprint]) -> None:
        """Remember what ``read`` returns of a file, or why it fails."""
        try:
            self._known[row[2:]] = read()
        except InputChanged:
            raise
        except UserError as error:
            self._damaged.append(f"{row[0]} {error}")
        except OSError as error:
            self._unreadable.append(f"{row[0]} ({error.strerror})")

    def check(self, directory: Path) -> None:
        """Raise a UserError that names all that could not be read."""
        if self._unreadable:
            raise UserError(f"{directory}: files cannot be read: {listed(sorted(self._unreadable))}")
        if self._damaged:
            raise UserError(f"{directory}: ELF files must be built again: {listed(sorted(self._damaged))}")
