"""What worker processes share: cores and memory, counted for all of them together.

Both are made before the processes are forked, and inherited. A process that dies takes what it holds along, so whoever
started the workers ends all of them then.
"""

from __future__ import annotations

import os
import struct
import time
from mmap import mmap

from tools.workers.budget import Budget

_POLL = 0.002  # seconds between two looks at memory that others hold
_NUMBER = struct.Struct("q")


class Tokens:
    """As many tokens as cores may be busy, in a pipe: GNU make's job server does it so.

    A context manager that holds one; threads and processes wait for it without the interpreter's lock.
    """

    def __init__(self, count: int) -> None:
        self._reader, self._writer = os.pipe()
        os.write(self._writer, b"+" * count)

    def __enter__(self) -> None:
        while not os.read(self._reader, 1):
            raise AssertionError("a pipe whose writer we hold has no end")

    def __exit__(self, *_: object) -> None:
        os.write(self._writer, b"+")


class SharedBudget(Budget):
    """A budget that several processes take from."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self._memory = mmap(-1, _NUMBER.size)  # shared with processes that are forked
        self._lock = Tokens(1)
        self._add(size)

    def try_take(self, amount: int) -> bool:
        """Take ``amount`` if it is free; say whether."""
        with self._lock:
            if self._read() < min(amount, self.size):
                return False
            self._write(self._read() - amount)
            return True

    def take(self, amount: int) -> None:
        """Wait for ``amount`` and take it. Only for those who hold nothing."""
        while not self.try_take(amount):
            time.sleep(_POLL)

    def overdraw(self, amount: int) -> None:
        """Take ``amount`` even if it is not free: for what others may be waiting for, one piece at a time."""
        self._add(-amount)

    def give(self, amount: int) -> None:
        """Return ``amount``."""
        self._add(amount)

    def _add(self, amount: int) -> None:
        with self._lock:
            self._write(self._read() + amount)

    def _read(self) -> int:
        number: int = _NUMBER.unpack_from(self._memory)[0]
        return number

    def _write(self, number: int) -> None:
        _NUMBER.pack_into(self._memory, 0, number)
