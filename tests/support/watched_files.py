"""Files that know how they are read."""

from __future__ import annotations

import io


class Counting(io.FileIO):
    """A file that knows how much of it was read."""

    amount = 0  # bytes

    def read(self, size: int | None = -1) -> bytes:
        content = super().read(-1 if size is None else size)
        self.amount += len(content)
        return content


class Bounded(io.BytesIO):
    """A file that fails the test when it is read without end: ``reads`` times, or ``largest`` bytes at once."""

    def __init__(self, content: bytes, *, reads: int, largest: int) -> None:
        super().__init__(content)
        self._left, self._largest = reads, largest

    def read(self, size: int | None = -1) -> bytes:
        self._left -= 1
        assert self._left, "reads without end"
        assert size is not None
        assert 0 <= size <= self._largest, "reads too much at once"
        return super().read(size)


class Places(io.BytesIO):
    """A file that knows where it was read, in order."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.places: list[int] = []

    def read(self, size: int | None = -1) -> bytes:
        self.places.append(self.tell())
        return super().read(size)
