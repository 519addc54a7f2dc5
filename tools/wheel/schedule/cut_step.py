"""Large members, cut into pieces that are compressed on all cores and join to one deflate stream."""

from __future__ import annotations

from functools import partial
from hashlib import sha256

import deflate
import xxhash

from tools.wheel.compress.deflating import (
    DEFLATED,
    SAMPLE,
    STORED,
    Buffer,
    compress_piece,
    is_worth_compressing,
    sample_offsets,
)
from tools.wheel.payload import Payload
from tools.wheel.reading import OpenSource, open_source
from tools.wheel.schedule.copying import fits
from tools.wheel.schedule.steps import Memory, Piece, Steps, Work, run_steps
from tools.wheel.zip.format import Facts
from tools.wheel.zip.writer import Opened
from tools.workers.progress import Progress
from tools.workers.reuse import FRESH, Fresh, Located, Promise, Whereabouts


def cut_steps(payload: Payload, work: Work) -> Steps:
    """Yield the steps of one large member: its beginning and, if no other wheel has it, its pieces and its end."""
    begin = _Begin(payload, work)
    try:
        yield begin
        if begin.is_fresh:
            yield from _piece_steps(_Member(payload, work, begin.promise))
    except BaseException:  # GeneratorExit too: whatever stops the wheel, nobody must wait for this promise
        work.context.reuse.release(begin.promise)
        raise


class _Member:
    """What the steps of one member share."""

    def __init__(self, payload: Payload, work: Work, promise: Promise) -> None:
        self.payload, self.work, self.promise = payload, work, promise
        self.opened: Opened | None = None
        self.digest = xxhash.xxh3_128()  # of the compressed bytes

    def append(self, data: Buffer, size: int) -> None:
        """Append compressed bytes; ``size`` is that of the member as installed."""
        archive = self.work.archive
        self.opened = self.opened or archive.open(self.payload, size)
        self.digest.update(data)
        archive.output.write(data)

    def close(self, facts: Facts) -> None:
        """End the member; its digest and compressed size are filled in here."""
        archive, opened = self.work.archive, self.opened
        assert opened, "a member that is cut has pieces"
        length = archive.output.position - opened.data
        archive.close(opened, facts._replace(compressed_size=length, digest=self.digest.hexdigest()))
        _publish(self.work)
        self.work.context.reuse.release(self.promise)
        self.work.progress.add(members_compressed=1)


class _Begin:
    """Finds out whether the member must be compressed; if not, writes it."""

    cost = 0
    is_awaited = False

    def __init__(self, payload: Payload, work: Work) -> None:
        self._payload, self._work = payload, work
        self._reuse = work.context.reuse
        self._found: Whereabouts = FRESH
        self.promise = Promise()
        self.is_fresh = False  # until it was started

    def start(self, memory: Memory) -> None:
        """Promise the member, if nobody has it."""
        self._found = self._reuse.claim([self._payload.recipe], self.promise)[0]
        self.is_fresh = isinstance(self._found, Fresh)

    def is_ready(self) -> bool:
        """Say whether nobody else is compressing it."""
        return not isinstance(self._found, Promise) or self._found.settled.is_set()

    def write(self) -> None:
        """Copy the member from the wheel that has it; if that fails, compress it after all."""
        if self.is_fresh:
            return
        if isinstance(self._found, Promise):
            self._found.settled.wait()
        while located := self._located():
            if self._work.copier.copy_large(self._work.archive, self._payload, located):
                _publish(self._work)
                break  # else once more: a wheel that is gone by now was replaced by another
        else:
            steps = _piece_steps(_Member(self._payload, self._work, self.promise))
            run_steps(steps, self._work.context.budget)

    def abandon(self) -> None:
        """Give up the promise."""
        self._reuse.release(self.promise)

    def _located(self) -> Located | None:
        located = self._reuse.find(self._payload.recipe)
        return located if located is not None and fits(self._payload, located) else None


class _Piece:
    """One piece: compressed in the pool, or appended as it is."""

    is_awaited = True  # others may wait for the member since its beginning was started

    def __init__(self, member: _Member, size: int, content: bytes, *, method: int, last: bool) -> None:
        self._member, self._size, self._length = member, size, len(content)
        self._content: bytes | None = content  # until it is compressed
        self._is_stored, self._last = method == STORED, last
        self._memory: Memory | None = None  # from when it is started
        self._piece: Piece[Buffer] | None = None
        self.cost = len(content) if self._is_stored else 2 * len(content)

    def start(self, memory: Memory) -> None:
        """Compress the piece."""
        self._memory = memory
        if not self._is_stored and self._content is not None:
            of = self._member.work
            work = partial(_compress, self._content, of.level, of.progress, last=self._last)
            self._piece, self._content = Piece(of.context.pool, work, memory, size=self._length), None

    def is_ready(self) -> bool:
        """Say whether it is compressed."""
        return self._piece is None or self._piece.is_done()

    def write(self) -> None:
        """Append the piece."""
        data = self._piece.result() if self._piece else self._content
        assert data is not None, "a piece is written once"
        self._member.append(data, self._size)
        if self._is_stored:
            self._member.work.progress.add(bytes_compressed=self._length)
        self._end()

    def abandon(self) -> None:
        """Give the memory back; the promise is given up by the one who made the steps."""
        self._end()

    def _end(self) -> None:
        self._content = None
        if self._piece:
            self._piece.end()
        elif self._memory:
            self._memory.keep(0)


class _End:
    """The end of a member: now its compressed size is known, and others can have it."""

    cost = 0
    is_awaited = True

    def __init__(self, member: _Member, facts: Facts) -> None:
        self._member, self._facts = member, facts

    def start(self, memory: Memory) -> None:
        """Nothing is to be begun."""

    def is_ready(self) -> bool:
        """Nothing is waited for."""
        return True

    def write(self) -> None:
        """Fill in the local header and publish the member."""
        self._member.close(self._facts)

    def abandon(self) -> None:
        """Give up the promise."""
        self._member.work.context.reuse.release(self._member.promise)


def _piece_steps(member: _Member) -> Steps:
    """Yield a step a piece, reading the source meanwhile, and the end."""
    payload = member.payload
    with open_source(payload.member, member.work.spans) as source:
        method = _method(source, payload.size)
        crc, done, whole = 0, 0, sha256() if payload.member.kind == "rpath" else None
        for piece in source.pieces(member.work.sizes.piece):
            crc, done = deflate.crc32(piece, crc), done + len(piece)
            if whole:
                whole.update(piece)
            member.work.progress.add(bytes_read=len(piece))
            yield _Piece(member, source.size, piece, method=method, last=done == source.size)
    digest = whole.hexdigest() if whole else payload.member.sha256
    yield _End(member, Facts(method, done, 0, crc, digest, ""))


def _compress(piece: bytes, level: int, progress: Progress, *, last: bool) -> Buffer:
    with progress.compressing(len(piece)):  # here and not when it is written: earlier pieces may take longer
        return compress_piece(piece, level, last=last)


def _method(source: OpenSource, size: int) -> int:
    return DEFLATED if is_worth_compressing(source.samples(sample_offsets(size), SAMPLE)) else STORED


def _publish(work: Work) -> None:
    work.context.reuse.publish(work.file, work.archive.rows[-1:])
