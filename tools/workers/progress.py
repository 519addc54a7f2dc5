"""What jobs have done so far: plain counters that a live view may read at any time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Work done by all jobs together. Bytes are those of members as installed."""

    bytes_compressed: int = 0  # of their sources: an edit adds a few
    bytes_under_way: int = 0  # being compressed now: each member or piece is one call, which cannot report
    bytes_reused: int = 0  # their compressed bytes came out of another wheel
    members_compressed: int = 0
    members_reused: int = 0
    members_damaged: int = 0  # could not be reused: another wheel's bytes were gone or changed; compressed again
    bytes_read: int = 0  # of sources
    bytes_written: int = 0  # of wheels and sdists
    bytes_fetched: int = 0  # of archives, as they came
    bytes_taken: int = 0  # from the store, as they came
    bytes_given: int = 0  # to the store
    bytes_unpacked: int = 0  # of the tars that archives become
    waiting: tuple[str, ...] = ()  # what is waited for now, a line each

    def __add__(self, other: Counts) -> Counts:
        """Return what both did."""
        sums = {name: getattr(self, name) + getattr(other, name) for name in _NAMES}
        return Counts(**sums, waiting=self.waiting + other.waiting)

    def since(self, before: Counts) -> Counts:
        """Return what was done after ``before`` was counted, and what is waited for now."""
        rest = {name: getattr(self, name) - getattr(before, name) for name in _NAMES}
        return Counts(**rest, waiting=self.waiting)


_NAMES = tuple(field.name for field in fields(Counts) if field.name != "waiting")


class Progress:
    """Counters that many threads add to; what a part counts, the whole counts, too."""

    def __init__(self, whole: Progress | None = None) -> None:
        self._lock = threading.Lock()
        self._counts = dict.fromkeys(_NAMES, 0)
        self._waiting: dict[int, str] = {}  # thread -> what it waits for
        self._whole = whole

    def part(self) -> Progress:
        """Return counters that begin at zero, for one job."""
        return Progress(self)

    def add(self, **amounts: int) -> None:
        """Add to the counters of these names."""
        with self._lock:
            for name, amount in amounts.items():
                self._counts[name] += amount
        if self._whole:
            self._whole.add(**amounts)

    def wait_for(self, line: str) -> None:
        """Note what the calling thread waits for, until it calls :meth:`go_on`."""
        with self._lock:
            self._waiting[threading.get_ident()] = line

    def go_on(self) -> None:
        """Note that the calling thread waits no more."""
        if self._waiting:
            with self._lock:
                self._waiting.pop(threading.get_ident(), None)

    @contextmanager
    def compressing(self, size: int) -> Iterator[None]:
        """Count ``size`` bytes as under way while the block runs, and as compressed when it went well."""
        self.add(bytes_under_way=size)
        try:
            yield
            self.add(bytes_compressed=size)
        finally:
            self.add(bytes_under_way=-size)

    def counts(self) -> Counts:
        """Return the counters as they are now."""
        with self._lock:
            return Counts(**self._counts, waiting=tuple(self._waiting.values()))
