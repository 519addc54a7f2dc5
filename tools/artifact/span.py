"""Spans: where the bytes of a member are, and how they are read. A file is a span of itself."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from io import FileIO, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TypeAlias, cast

from tools.errors import InputChanged, UserError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# (mode, size, mtime_ns, ctime_ns, inode, device): a file with another one is another file, or was written to.
Stamp: TypeAlias = tuple[int, int, int, int, int, int]

# A path that became a link is not followed, and one that became a FIFO does not block.
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_GONE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO)  # removed, or now a link, a socket


class Span(NamedTuple):
    """Bytes of a file on this machine."""

    file: str
    offset: int
    size: int
    length: int  # bytes of the whole file
    place: str  # what messages call it
    stamp: Stamp | None = None  # of the file, where a scan saw it


def whole_file(file: str, stamp: Stamp) -> Span:
    """Return the span that is the whole of a file, which has this stamp."""
    return Span(file, 0, stamp[1], stamp[1], file, stamp)


def stamp_of(status: os.stat_result) -> Stamp:
    """Return what tells whether a file is still the same."""
    return (
        status.st_mode,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_ino,
        status.st_dev,
    )


def open_scanned(span: Span) -> int:
    """Return a descriptor of the file that a scan has just seen, for :func:`read_scanned`.

    :raises InputChanged: when it is gone, or a link by now.
    :raises OSError: when it cannot be opened.
    """
    try:
        return os.open(span.file, _FLAGS)
    except FileNotFoundError:
        raise changed(span.place, "disappeared") from None
    except OSError as error:
        if error.errno == errno.ELOOP:  # a link: O_NOFOLLOW
            raise changed(span.place, "changed") from None
        raise


def read_scanned(descriptor: int, span: Span, at: int, size: int) -> bytes:
    """Return ``size`` bytes of the span from ``at`` on, however many reads that takes.

    One read may give less than is asked for: file systems in user space or on a network do so.

    :raises InputChanged: when there are fewer.
    :raises OSError: when the file that was scanned cannot be read.
    """
    try:
        content = os.pread(descriptor, size, span.offset + at)
        if len(content) == size:
            return content
        parts, left = [content], size - len(content)
        while left and (more := os.pread(descriptor, left, span.offset + at + size - left)):
            parts.append(more)
            left -= len(more)
    except OSError:
        check_scanned(descriptor, span)  # if it is another file, that is what is wrong
        raise
    if left:
        raise changed(span.place, "changed")
    return b"".join(parts)


def read_into(descriptor: int, span: Span, at: int, block: memoryview) -> int:
    """Fill ``block``, or its beginning, with what the span has from ``at`` on, and return how many bytes that is.

    :raises InputChanged: when there is nothing.
    :raises OSError: when the file that was scanned cannot be read.
    """
    count = os.preadv(descriptor, [block[: span.size - at]], span.offset + at)
    if not count:
        raise changed(span.place, "changed")
    return count


def check_scanned(descriptor: int, span: Span) -> None:
    """Do nothing if the file is, now that it was read, what the scan saw.

    :raises InputChanged: when it is not.
    """
    if span.stamp != stamp_of(os.fstat(descriptor)):
        raise changed(span.place, "changed")


def read_small(span: Span) -> bytes:
    """Return a span that a scan has just seen, whole.

    :raises InputChanged: when it is not what the scan saw.
    :raises OSError: when it cannot be read.
    """
    descriptor = open_scanned(span)
    try:
        content = read_scanned(descriptor, span, 0, span.size)
        check_scanned(descriptor, span)
    finally:
        os.close(descriptor)
    return content


def changed(place: str, how: str) -> InputChanged:
    """Return the error about a file that "changed" or "disappeared" since the scan."""
    return InputChanged(f"{place}: {how} while it was read; run again when nothing writes to it")


def open_span(span: Span) -> BinaryIO:
    """Return the bytes of a span as an unbuffered file, which its reader must compare with the catalog's CRC.

    :raises InputChanged: when the file is gone, or is none of ``span.length`` bytes.
    :raises UserError: when it cannot be opened.
    """
    return as_file(_opened(span), span)


def read_whole(span: Span, content: memoryview) -> None:
    """Fill ``content``, which has the size of the span, with its bytes; errors as :func:`open_span`.

    :raises InputChanged: also when there are fewer.
    """
    descriptor = _opened(span)
    try:
        count = os.preadv(descriptor, [content], span.offset)
        while count < span.size:  # a file system in user space or on a network may give less than is asked for
            more = os.preadv(descriptor, [content[count:]], span.offset + count)
            if not more:
                raise not_as_recorded(span)
            count += more
    except OSError as error:
        raise UserError(f"{span.place}: cannot be read: {error.strerror}") from None
    finally:
        os.close(descriptor)


def _opened(span: Span) -> int:
    """Return a descriptor of the file that a span is in; errors as :func:`open_span`."""
    try:
        descriptor = os.open(span.file, _FLAGS)
    except OSError as error:
        if error.errno in _GONE:
            raise not_as_recorded(span) from None
        raise UserError(f"{span.place}: cannot be read: {error.strerror}") from None
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_size == span.length and span.stamp in (None, stamp_of(status)):
        return descriptor
    os.close(descriptor)
    raise not_as_recorded(span)


def read_up_to(file: BinaryIO, span: Span, content: memoryview, at: int = 0) -> int:
    """Fill ``content`` from the open span, ``at`` bytes from its beginning, and return how many bytes there were.

    One read may give less than is asked for.

    :raises UserError: when it cannot be read.
    """
    raw, count = cast(RawIOBase, file), 0
    try:
        raw.seek(at)
        while count < len(content) and (more := raw.readinto(content[count:])):
            count += more
    except OSError as error:
        raise UserError(f"{span.place}: cannot be read: {error.strerror}") from None
    return count


def not_as_recorded(span: Span) -> InputChanged:
    """Return the error about bytes that are not those of the catalog."""
    return InputChanged(
        f"{span.place}: is not the file that its catalog recorded: it was changed while the build ran; run again"
    )


def copy(span: Span, target: Path) -> None:
    """Copy a span into a new file; of a whole file its mode and times, too.

    :raises OSError: when that fails.
    """
    if span.size == span.length:
        shutil.copy2(span.file, target)
        return
    with open_span(span) as source, target.open("wb") as file:
        shutil.copyfileobj(source, file)


def as_file(descriptor: int, span: Span, *, close: bool = True) -> BinaryIO:
    """Return the span of an open file as a file of its own; if ``close``, it closes the descriptor with itself."""
    if span.size == span.length:
        return cast(BinaryIO, FileIO(descriptor, closefd=close))
    return cast(BinaryIO, _Part(descriptor, span, close=close))


class _Part(RawIOBase):
    """A part of an open file. Its position is its own."""

    def __init__(self, descriptor: int, span: Span, *, close: bool) -> None:
        self._descriptor, self._span, self._position, self._closes = descriptor, span, 0, close

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place, as in any file."""
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._span.size}[whence]
        if origin + offset < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._position = origin + offset
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read what comes next, at most to the end of the span."""
        view = memoryview(buffer).cast("B")
        left = max(0, min(len(view), self._span.size - self._position))
        count = os.preadv(self._descriptor, [view[:left]], self._span.offset + self._position)
        self._position += count
        return count

    def close(self) -> None:
        """Close the descriptor, if that was left to this file."""
        if not self.closed and self._closes:
            os.close(self._descriptor)
        super().close()
