"""Members whose compressed bytes another wheel has: copied, and checked on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import xxhash

from tools.wheel.limits import BLOCK, GAP, SPAN
from tools.wheel.payload import Payload
from tools.wheel.zip.writer import ArchiveWriter, Packed
from tools.workers.progress import PROGRESS
from tools.workers.reuse import STORE, Stored


class _Damaged(Exception):
    """The other wheel does not have the bytes that its receipt says."""


def fits(payload: Payload, stored: Stored) -> bool:
    """Say whether what is recorded of the stored bytes agrees with what the plan says of the member."""
    member, row = payload.member, stored.row
    if row.compressed_size > row.size + row.size // 1000 + 64:
        return False
    if payload.content is not None:
        return row.size == payload.size and row.sha256 == payload.key
    if member.kind == "copy":
        return row.size == member.size and row.sha256 == member.sha256 and row.crc32 == member.crc32
    return row.size >= member.size  # an RPATH never makes a file smaller


def copies(payloads: Sequence[Payload], known: Sequence[Stored | None]) -> dict[str, Packed]:
    """Return, by recipe, what ``known`` has of the payloads; what is gone or damaged is left out and forgotten.

    Neighbours in another wheel are read at once.
    """
    wanted = [(payload, stored) for payload, stored in zip(payloads, known, strict=True) if stored]
    found: dict[str, Packed] = {}
    for first, last in _spans([stored for _, stored in wanted]):
        begin = wanted[first][1].row.offset
        block = wanted[first][1].place.read(begin, wanted[last - 1][1].end - begin)
        for payload, stored in wanted[first:last]:
            row = stored.row
            start = row.offset - begin
            data = block[start : start + row.compressed_size] if block is not None else None
            if data is not None and xxhash.xxh3_128_hexdigest(data) == row.digest:
                found[payload.recipe] = Packed(row, data)
            else:
                _forget(payload, stored)
    PROGRESS.add(members_reused=len(found), bytes_reused=sum([packed.facts.size for packed in found.values()]))
    return found


def copy_large(archive: ArchiveWriter, payload: Payload, stored: Stored) -> bool:
    """Append the member block by block; say no, with nothing appended, when its bytes are gone or damaged."""
    mark = archive.output.mark()
    try:
        archive.add_blocks(payload, stored.row, _blocks(stored))
    except _Damaged:
        archive.output.go_back(mark)
        _forget(payload, stored)
        return False
    PROGRESS.add(members_reused=1, bytes_reused=stored.row.size)
    return True


def _blocks(stored: Stored) -> Iterator[bytes]:
    digest = xxhash.xxh3_128()
    for offset in range(stored.row.offset, stored.end, BLOCK):
        block = stored.place.read(offset, min(BLOCK, stored.end - offset))
        if block is None:
            raise _Damaged
        digest.update(block)
        yield block
    if digest.hexdigest() != stored.row.digest:
        raise _Damaged


def _spans(wanted: Sequence[Stored]) -> Iterable[tuple[int, int]]:
    """Yield (first, behind last) of runs that lie in one file, in order and close to each other."""
    first, begin, end, place = 0, 0, 0, None
    for number, stored in enumerate(wanted):
        offset, last = stored.row.offset, stored.end
        if stored.place is not place or not 0 <= offset - end <= GAP or last - begin > SPAN:
            if place is not None:
                yield first, number
            first, begin, place = number, offset, stored.place
        end = last
    if wanted:
        yield first, len(wanted)


def _forget(payload: Payload, stored: Stored) -> None:
    STORE.forget(payload.recipe, stored)
    PROGRESS.add(members_damaged=1)
