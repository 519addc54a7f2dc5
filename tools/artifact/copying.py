"""Spans that become files of their own: a copy by the kernel, or another name of the same file."""

from __future__ import annotations

import errno
import os
import stat

import deflate

from tools.artifact.span import Span, not_as_recorded, open_span

_NO_COPY = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)  # copy_file_range(2)


def copy_span(span: Span, crc32: int, target: int, block: memoryview) -> None:
    """Copy a span into the file open as ``target``; the file system may let both have the same blocks.

    ``block`` is memory to read into. The span is compared with ``crc32`` before.

    :raises InputChanged: when it is another.
    """
    with open_span(span) as file:
        _check(file.fileno(), span, crc32, block)
        copy, done = _copy_range, 0
        while done < span.size:
            try:
                count = copy(file.fileno(), target, span.offset + done, span.size - done)
            except OSError as error:
                if copy is _send or error.errno not in _NO_COPY:
                    raise
                copy = _send
                continue
            if not count:
                raise not_as_recorded(span)
            done += count


def link_span(span: Span, crc32: int, mode: int, target: str, block: memoryview) -> bool:
    """Make ``target`` another name of the file, if the span is all of it, has this mode, and the system allows it.

    :raises InputChanged: when it is not what ``crc32`` says.
    """
    with open_span(span) as file:
        if span.size != span.length or stat.S_IMODE(os.fstat(file.fileno()).st_mode) != mode:
            return False
        _check(file.fileno(), span, crc32, block)
        try:
            os.link(span.file, target)
        except OSError:  # another disk, or a file of somebody else's
            return False
    return True


def _check(descriptor: int, span: Span, crc32: int, block: memoryview) -> None:
    at, found = 0, 0
    while at < span.size:
        count = os.preadv(descriptor, [block[: span.size - at]], span.offset + at)
        if not count:
            break
        found, at = deflate.crc32(block[:count], found), at + count
    if at != span.size or found != crc32:
        raise not_as_recorded(span)


def _copy_range(source: int, target: int, offset: int, size: int) -> int:
    return os.copy_file_range(source, target, size, offset)


def _send(source: int, target: int, offset: int, size: int) -> int:
    return os.sendfile(target, source, offset, size)
