"""The bytes of a member as installed, read from its source and checked against what the catalog recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import deflate

from tools.artifact.source import Spans
from tools.artifact.span import Span, not_as_recorded, open_span, read_up_to, read_whole
from tools.elf.patch import Patch, tail_blocks
from tools.elf.rpath import plan_rpath
from tools.errors import UserError
from tools.files import reading
from tools.plan.model import Member
from tools.workers.context import Context
from tools.workers.scratch import Scratch


def read_member(member: Member, spans: Spans, context: Context) -> bytes | memoryview:
    """Return the bytes of a member that has a source, whole; good until this thread reads the next one.

    :raises InputChanged: when the source is not what the plan says.
    :raises UserError: when it cannot be read, or its RPATH cannot be changed.
    """
    if member.kind == "copy":
        return _read_copy(member, spans, context)
    span = spans.find(member.source, member.size)
    with open_span(span) as file:
        try:
            patch = _patch(file, member, span)
        except UserError:
            _read(file, member, span, member.size, context.scratch)  # if it is another file, that is what is wrong
            raise
        return patch.apply_whole(_read(file, member, span, patch.size, context.scratch))


def _read_copy(member: Member, spans: Spans, context: Context) -> bytes | memoryview:
    """Return a source that is packaged as it is: most are small and many, so this takes four calls of the system."""
    kept = context.kept.take(member.sha256)
    if kept is not None:
        return kept
    span = spans.find(member.source, member.size)
    content = context.scratch.room(member.size)
    read_whole(span, content)
    if deflate.crc32(content) != member.crc32:
        raise not_as_recorded(span)
    return content


def _read(file: BinaryIO, member: Member, span: Span, size: int, scratch: Scratch) -> memoryview:
    """Return a checked source, followed by anything up to ``size`` bytes."""
    content = scratch.room(max(size, member.size + 1))
    count = read_up_to(file, span, content[: member.size + 1])
    if count != member.size or deflate.crc32(content[: member.size]) != member.crc32:
        raise not_as_recorded(span)
    return content[:size]


class OpenSource:
    """A large source that is read in pieces from its beginning to its end."""

    def __init__(self, file: BinaryIO, member: Member, span: Span) -> None:
        self._file, self._member, self._span = file, member, span
        self._patch = _patch(file, member, span)
        self.size = self._patch.size  # bytes as installed

    def samples(self, offsets: range, length: int) -> Iterator[bytes]:
        """Yield ``length`` bytes of the source at each offset, fewer at its end.

        :raises InputChanged: when it ends before.
        """
        size = self._member.size
        for offset in offsets:
            sample = memoryview(bytearray(max(0, min(length, size - offset))))
            if read_up_to(self._file, self._span, sample, offset) < len(sample):
                raise not_as_recorded(self._span)
            yield bytes(sample)

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
            raise not_as_recorded(self._span)
        if held is not None:
            yield held
        try:
            yield from tail_blocks(self._file, self._patch)
        except UserError as error:
            raise UserError(f"{self._span.place}: {error}") from None


@contextmanager
def open_source(member: Member, spans: Spans) -> Iterator[OpenSource]:
    """Yield the source of a large member; errors as :func:`read_member`."""
    span = spans.find(member.source, member.size)
    with reading(Path(span.place)), open_span(span) as file:
        yield OpenSource(file, member, span)


def _patch(file: BinaryIO, member: Member, span: Span) -> Patch:
    if member.kind != "rpath":
        return Patch(source_size=member.size)
    try:
        return plan_rpath(file, member.size, member.argument)
    except UserError as error:
        raise UserError(f"{span.place}: {error}") from None
