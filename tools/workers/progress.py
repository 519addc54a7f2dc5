"""What the wheel step has done so far: plain counters that a live view may read at any time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Work done since the last reset, by all wheels together. Bytes are those of members as installed."""

    bytes_compressed: int = 0  # of their sources: an edit adds a few
    bytes_under_way: int = 0  # being compressed now: each member or piece is one call, which cannot report
    bytes_reused: int = 0  # their compressed bytes came out of another wheel
    members_compressed: int = 0
    members_reused: int = 0
    members_damaged: int = 0  # could not be reused: another wheel's bytes were gone or changed; compressed again
    bytes_read: int = 0  # of sources
    bytes_written: int = 0  # of wheels and sdists


class Progress:
    """Counters that many threads add to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = dict.fromkeys((field.name for field in fields(Counts)), 0)
        self._of_thread = threading.local()

    def add(self, **amounts: int) -> None:
        """Add to the counters of these names."""
        own = vars(self._of_thread)
        with self._lock:
            for name, amount in amounts.items():
                self._counts[name] += amount
                own[name] = own.get(name, 0) + amount

    @contextmanager
    def compressing(self, size: int) -> Iterator[None]:
        """Count ``size`` bytes as under way while the block runs, and as compressed when it went well."""
        self.add(bytes_under_way=size)
        try:
            yield
            self.add(bytes_compressed=size)
        finally:
            self.add(bytes_under_way=-size)

    def of_this_thread(self) -> Counts:
        """Return what the calling thread has added, since it began."""
        return Counts(**vars(self._of_thread))

    def counts(self) -> Counts:
        """Return the counters as they are now."""
        with self._lock:
            return Counts(**self._counts)

    def reset(self) -> None:
        """Begin at zero again."""
        with self._lock:
            self._counts = dict.fromkeys(self._counts, 0)


PROGRESS = Progress()  # of this process
