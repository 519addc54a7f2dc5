"""The bytes of a member as installed, read from its source and checked against what the catalog recorded."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from typing import BinaryIO

import deflate

from tools.elf.patch import Patch, tail_blocks
from tools.elf.rpath import plan_rpath
from tools.errors import InputChanged, UserError
from tools.plan.model import Member
from tools.workers.context import Context
from tools.workers.scratch import Scratch

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # a FIFO must not be waited for
_GONE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO)  # removed, or now a link, a socket


def read_member(member: Member, root: str, context: Context) -> bytes | memoryview:
    """Return the bytes of a member that has a source, whole; good until this thread reads the next one.

    :raises InputChanged: when the source is not what the plan says.
    :raises UserError: when it cannot be read, or its RPATH cannot be changed.
    """
    if member.kind == "copy" and (kept := context.kept.take(member.sha256)) is not None:
        return kept
    path = f"{root}/{member.source}"
    with FileIO(_open(path, member.size)) as file:
        try:
            patch = _patch(file, member, path)
        except UserError:
            _read(file, member, path, member.size, context.scratch)  # if it is another file, that is what is wrong
            raise
        return patch.apply_whole(_read(file, member, path, patch.size, context.scratch))


def _read(file: FileIO, member: Member, path: str, size: int, scratch: Scratch) -> memoryview:
    """Return a checked source, followed by anything up to ``size`` bytes."""
    content = scratch.room(max(size, member.size + 1))
    file.seek(0)
    try:
        count = file.readinto(content[: member.size + 1])
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    if count != member.size or deflate.crc32(content[: member.size]) != member.crc32:
        raise _changed(path)
    return content[:size]


class OpenSource:
    """A large source that is read in pieces from its beginning to its end."""

    def __init__(self, file: BinaryIO, member: Member, path: str) -> None:
        self._file, self._member, self._path = file, member, path
        self._patch = _patch(file, member, path)
        self.size = self._patch.size  # bytes as installed

    def samples(self, offsets: range, length: int) -> Iterator[bytes]:
        """Yield ``length`` bytes of the source at each offset."""
        for offset in offsets:
            yield os.pread(self._file.fileno(), length, offset)

    def pieces(self, length: int) -> Iterator[bytes]:
        """Yield the bytes as installed, ``length`` at a time.

        :raises InputChanged: before the last piece, when the source is not what the plan says.
        """
        rest = bytearray()
        for block in self._blocks(length):
            if not rest and len(block) == length:
                yield block
                continue
            rest += block
            while len(rest) >= length:
                yield bytes(rest[:length])
                del rest[:length]
        if rest:
            yield bytes(rest)

    def _blocks(self, length: int) -> Iterator[bytes]:
        offset = crc = 0
        self._file.seek(0)
        held: bytes | None = None  # the last block waits until the whole source is known to be right
        while block := self._file.read(length):
            crc, start, offset = deflate.crc32(block, crc), offset, offset + len(block)
            if held is not None:
                yield held
            held = self._patch.apply(start, block)
            if offset > self._member.size:
                break
        if offset != self._member.size or crc != self._member.crc32:
            raise _changed(self._path)
        if held is not None:
            yield held
        try:
            yield from tail_blocks(self._file, self._patch)
        except UserError as error:
            raise UserError(f"{self._path}: {error}") from None


@contextmanager
def open_source(member: Member, root: str) -> Iterator[OpenSource]:
    """Yield the source of a large member; errors as :func:`read_member`."""
    path = f"{root}/{member.source}"
    with os.fdopen(_open(path, member.size), "rb", buffering=0) as file:
        yield OpenSource(file, member, path)


def _open(path: str, size: int) -> int:
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        if error.errno in _GONE:
            raise _changed(path) from None
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_size == size:
        return descriptor
    os.close(descriptor)
    raise _changed(path)


def _patch(file: BinaryIO, member: Member, path: str) -> Patch:
    if member.kind != "rpath":
        return Patch(source_size=member.size)
    try:
        return plan_rpath(file, member.size, member.argument)
    except UserError as error:
        raise UserError(f"{path}: {error}") from None


def _changed(path: str) -> InputChanged:
    return InputChanged(
        f"{path}: is not the file that its catalog recorded: it was changed while the build ran; run again"
    )
