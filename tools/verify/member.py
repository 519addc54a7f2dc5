"""The bytes of one member of a wheel: from front to back, and then wherever a reader looks, never all at once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, Protocol

from zlib_ng import zlib_ng

from tools.errors import UserError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

STORED = 0  # method (APPNOTE 4.4.5)
_PIECE = 4 << 20  # bytes inflated at a time
_TAKEN = 256 << 10  # compressed bytes given at a time
_MARKS = 64  # places at most from which inflating can begin again; one takes some 50 KB
_APART = 16 << 20  # bytes between them at least
_KEPT = 8  # blocks
_AGAIN = 1 << 30  # bytes unpacked again at most, beside a few times the member: tables of real files lie together


class Member(Protocol):
    """Compressed bytes, and what they stand for."""

    def blocks(self) -> Iterator[memoryview | bytes]:
        """Yield the bytes as installed.

        :raises ValueError: when they are not as many as stated. So does zlib_ng.error, when they cannot be unpacked.
        """

    def around(self, position: int) -> tuple[int, memoryview | bytes]:
        """Return a block that holds the byte at ``position``, and where it begins, once all blocks were right.

        :raises UserError: when so many places were asked for, so far apart, that unpacking would have no end.
        """


def member(raw: memoryview, method: int, size: int) -> Member:
    """Return the member that has ``raw`` as its compressed and ``size`` bytes as installed."""
    return _Stored(raw) if method == STORED else _Deflated(raw, size)


def as_file(source: Member, size: int) -> BinaryIO:
    """Return a member of which all blocks were right as a file that is read anywhere."""
    return io.BufferedReader(_File(source, size))


class _Stored:
    def __init__(self, raw: memoryview) -> None:
        self._raw = raw

    def blocks(self) -> Iterator[memoryview]:
        yield from (self._raw[at : at + _PIECE] for at in range(0, len(self._raw), _PIECE))

    def around(self, position: int) -> tuple[int, memoryview]:
        return position, self._raw[position : position + _PIECE]


class _Deflated:
    def __init__(self, raw: memoryview, size: int) -> None:
        self._raw, self._size = raw, size
        self._marks: list[_Inflater] = []
        self._going_on: _Inflater | None = None  # whoever reads on begins at no mark
        self._last: list[tuple[int, bytes]] = []  # blocks that were read last
        self._left = _AGAIN + 4 * size  # bytes that may be unpacked again

    def blocks(self) -> Iterator[bytes]:
        inflater, due, apart = _Inflater(self._raw, self._size), 0, max(_APART, self._size // _MARKS)
        while not inflater.has_ended:
            if inflater.position >= due and inflater.may_be_marked:
                self._marks.append(inflater.copy())
                due = inflater.position + apart
            yield inflater.block()
        inflater.check_end()

    def around(self, position: int) -> tuple[int, bytes]:
        for start, block in self._last:
            if start <= position < start + len(block):
                return start, block
        inflater = max((one for one in self._places() if one.position <= position), key=lambda one: one.position)
        if inflater is not self._going_on:
            inflater = self._going_on = inflater.copy()
        start, block = self._next(inflater)
        while start + len(block) <= position:
            start, block = self._next(inflater)
        self._last = [(start, block), *self._last[: _KEPT - 1]]
        return start, block

    def _next(self, inflater: _Inflater) -> tuple[int, bytes]:
        start, block = inflater.position, inflater.block()
        self._left -= len(block)
        if self._left < 0:
            raise UserError("has tables that lie too far apart to be looked at")
        return start, block

    def _places(self) -> Iterator[_Inflater]:
        """Yield where inflating can go on from."""
        yield from self._marks
        if self._going_on:
            yield self._going_on


class _Inflater:
    """A deflated member on the way from its beginning to its end."""

    def __init__(self, raw: memoryview, size: int) -> None:
        self.position = 0  # bytes that came out
        self._raw, self._size, self._at = raw, size, 0
        self._stream = zlib_ng.decompressobj(-15)

    @property
    def has_ended(self) -> bool:
        """Whether the last block came out."""
        return self._stream.eof

    @property
    def may_be_marked(self) -> bool:
        """Whether a copy is small: nothing waits to be unpacked."""
        return not self._stream.unconsumed_tail

    def copy(self) -> _Inflater:
        """Return one that goes on from here by itself."""
        other = _Inflater(self._raw, self._size)
        other.position, other._at, other._stream = self.position, self._at, self._stream.copy()  # type: ignore[attr-defined]
        return other

    def block(self) -> bytes:
        """Return what comes next; it may be empty.

        :raises ValueError: when that is more than stated, or too little is there.
        """
        taken = self._stream.unconsumed_tail or self._raw[self._at : self._at + _TAKEN]
        self._at += 0 if self._stream.unconsumed_tail else len(taken)
        block = self._stream.decompress(taken, min(self._size - self.position, _PIECE) + 1)
        self.position += len(block)
        if self.position > self._size or not (taken or block):
            raise ValueError
        return block

    def check_end(self) -> None:
        """Raise ValueError when there is less than stated, or something behind the end."""
        if self.position < self._size or self._stream.unused_data or self._at != len(self._raw):
            raise ValueError


class _File(io.RawIOBase):
    def __init__(self, source: Member, size: int) -> None:
        self._source, self._size, self._position = source, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if origin + offset < 0:
            raise ValueError("a place before the beginning")
        self._position = origin + offset
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        if self._position >= self._size or not view:
            return 0
        start, block = self._source.around(self._position)
        at = self._position - start
        part = block[at : at + len(view)]
        view[: len(part)] = part
        self._position += len(part)
        return len(part)
