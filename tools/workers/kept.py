"""Contents that one step has just read, for the step that reads them next: a build opens most files once."""

from __future__ import annotations

import threading

SMALL = 1 << 20  # bytes; opening a larger file again costs nothing beside compressing it


class Kept:
    """Contents by their sha256, as long as there is room."""

    def __init__(self, limit: int) -> None:
        self._room = limit
        self._contents: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def keep(self, sha256: str, content: bytes) -> None:
        """Hold ``content``, which has this digest (hex), unless there is no room."""
        with self._lock:
            if len(content) <= self._room and sha256 not in self._contents:
                self._contents[sha256] = content
                self._room -= len(content)

    def take(self, sha256: str) -> bytes | None:
        """Return what is held under a digest and let go of it; None when it is not there."""
        if not self._contents:  # as in worker processes, always
            return None
        with self._lock:
            content = self._contents.pop(sha256, None)
            if content is not None:
                self._room += len(content)
            return content
