"""What the jobs of one process share when they fetch and unpack archives."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tools.source.patience import Patience
from tools.workers.progress import Progress

if TYPE_CHECKING:
    from tools.source.place import Place


class Fetching:
    """Open places, each with its connections, and the counters that a live view reads."""

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress or Progress()
        self._places: dict[tuple[str, Patience], Place] = {}
        self._lock = threading.Lock()

    def place(self, url: str, patience: Patience) -> Place:
        """Return the place at a URL, which is opened once.

        :raises UserError: when the kind of place is not known, or needs a package that is not there.
        """
        from tools.source.place import open_place

        with self._lock:
            key = url, patience
            if key not in self._places:
                self._places[key] = open_place(url, patience=patience)
            return self._places[key]

    def fetched(self, count: int) -> None:
        """Count bytes that came; whatever was waited for is there."""
        self._progress.go_on()
        self._progress.add(bytes_fetched=count)

    def taken(self, count: int) -> None:
        """Count bytes that came from the store."""
        self._progress.go_on()
        self._progress.add(bytes_taken=count)

    def given(self, count: int) -> None:
        """Count bytes that went to the store."""
        self._progress.add(bytes_given=count)

    def unpacked(self, count: int) -> None:
        """Count bytes of a tar that were written."""
        self._progress.add(bytes_unpacked=count)

    def waits(self, line: str) -> None:
        """Note what this thread waits for."""
        self._progress.wait_for(line)
