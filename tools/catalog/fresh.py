"""Files that no catalog knows yet: large ones are hashed in the pool, small ones by one thread at a time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial

from tools.artifact.model import Found, Scan
from tools.catalog.fingerprint import Fingerprint, fingerprint
from tools.errors import InputChanged, UserError, listed
from tools.workers.context import Context
from tools.workers.kept import SMALL


def read_fresh(place: str, scan: Scan, known: dict[Hashable, Fingerprint], context: Context) -> None:
    """Add to ``known`` what it lacks of the files found. The other names of a hard link follow from the first.

    :raises UserError: when files cannot be read or are damaged; all culprits are named.
    :raises InputChanged: when a file changes meanwhile.
    """
    kept = (
        None if known else context.kept
    )  # a file of a known artifact was mostly only touched: its compressed bytes exist
    reading = _Reading(scan, known)
    fresh = {one.identity: one for one in reversed(scan.found) if one.span and one.identity not in known}
    large = [one for one in fresh.values() if one.size > SMALL]
    hashing = [
        context.pool.submit(partial(fingerprint, one.span), urgent=True, step="hash", size=one.size)
        for one in large
        if one.span
    ]
    # Reading small files is Python more than anything else: threads that do so together only hinder each other.
    with context.small_files:
        for one in fresh.values():
            if one.span and one.size <= SMALL:
                reading.note(one, partial(fingerprint, one.span, kept))
    for one, future in zip(large, hashing, strict=True):
        reading.note(one, future.result)
    reading.check(place)


class _Reading:
    """What was read, and what could not be."""

    def __init__(self, scan: Scan, known: dict[Hashable, Fingerprint]) -> None:
        self._scan, self._known = scan, known
        self._damaged: list[str] = []
        self._unreadable: list[str] = []

    def note(self, found: Found, read: Callable[[], Fingerprint]) -> None:
        """Remember what ``read`` returns of a file, or why it fails."""
        try:
            self._known[found.identity] = read()
        except InputChanged:
            raise
        except UserError as error:
            self._damaged.append(f"{self._scan.path_of(found)} {error}")
        except OSError as error:
            self._unreadable.append(f"{self._scan.path_of(found)} ({error.strerror})")

    def check(self, place: str) -> None:
        """Raise a UserError that names all that could not be read."""
        if self._unreadable:
            raise UserError(f"{place}: files cannot be read: {listed(sorted(self._unreadable))}")
        if self._damaged:
            raise UserError(f"{place}: ELF files must be built again: {listed(sorted(self._damaged))}")
