"""What is fetched, how fast, and what is waited for."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tools.text import size_text

if TYPE_CHECKING:
    from tools.workers.progress import Counts

WINDOW = 10.0  # seconds that the rate is taken over, where it was asked for so often
SHORTEST = 1.0  # seconds over which a rate means something


class Transfer:
    """Remembers how many bytes had come when, and what was told."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()
        self._told = 0  # bytes
        self._waits: set[str] = set()  # that were told

    def parts(self, counts: Counts) -> Iterator[str]:
        """Yield what a line that is drawn again and again says of bytes that came."""
        if not counts.bytes_fetched:
            return
        now = time.monotonic()
        self._seen.append((now, counts.bytes_fetched))
        while now - self._seen[0][0] > WINDOW and now - self._seen[1][0] >= SHORTEST:
            self._seen.popleft()
        since, before = self._seen[0]
        rate = f" at {size_text((counts.bytes_fetched - before) / (now - since))}/s" if now - since >= SHORTEST else ""
        yield f"{size_text(counts.bytes_fetched)} fetched{rate if counts.bytes_fetched > before else ''}"

    def news(self, counts: Counts) -> Iterator[str]:
        """Yield lines for a log: what came since the last time, and what is newly waited for."""
        if counts.bytes_fetched > self._told:
            yield from self.parts(counts)
            self._told = counts.bytes_fetched
        yield from (f"waiting {line}" for line in counts.waiting if line not in self._waits)
        self._waits = set(counts.waiting)
