"""One budget of memory for all wheels that are built at a time."""

from __future__ import annotations

import threading


class Budget:
    """Bytes that may be in memory. Whoever holds some of it must never wait for more of it."""

    def __init__(self, size: int) -> None:
        self._free = size
        self.size = size
        self._change = threading.Condition()

    def try_take(self, amount: int) -> bool:
        """Take ``amount`` if it is free; say whether."""
        with self._change:
            if self._free < min(amount, self.size):
                return False
            self._free -= amount
            return True

    def take(self, amount: int) -> None:
        """Wait for ``amount`` and take it. Only for those who hold nothing."""
        with self._change:
            self._change.wait_for(lambda: self._free >= min(amount, self.size))
            self._free -= amount

    def overdraw(self, amount: int) -> None:
        """Take ``amount`` even if it is not free: for what others may be waiting for, one piece at a time."""
        with self._change:
            self._free -= amount

    def give(self, amount: int) -> None:
        """Return ``amount``."""
        with self._change:
            self._free += amount
            self._change.notify_all()
