"""Members whose compressed bytes another wheel has: copied, and checked on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import xxhash

from tools.wheel.payload import Payload
from tools.wheel.sizes import Sizes
from tools.wheel.zip.writer import ArchiveWriter, Packed
from tools.workers.progress import Progress
from tools.workers.reuse import Located, Reuse


class _Damaged(Exception):
    """The other wheel does not have the bytes that its receipt says."""


def fits(payload: Payload, located: Located) -> bool:
    """Say whether what is recorded of the compressed bytes agrees with what the plan says of the member."""
    member, row = payload.member, located.row
    if row.compressed_size > row.size + row.size // 1000 + 64:
        return False
    if payload.content is not None:
        return row.size == payload.size and row.sha256 == payload.key
    if member.kind == "copy":
        return row.size == member.size and row.sha256 == member.sha256 and row.crc32 == member.crc32
    return row.size >= member.size  # an RPATH never makes a file smaller


class Copier(NamedTuple):
    """How one wheel takes members out of others."""

    reuse: Reuse
    sizes: Sizes
    progress: Progress  # of the wheel

    def copies(self, payloads: Sequence[Payload], found: Sequence[Located | None]) -> dict[str, Packed]:
        """Return, by recipe, what ``found`` has of the payloads; what is gone or damaged is left out and forgotten.

        Neighbours in another wheel are read at once.
        """
        wanted = [(payload, located) for payload, located in zip(payloads, found, strict=True) if located]
        copied: dict[str, Packed] = {}
        for first, last in self._spans([located for _, located in wanted]):
            begin = wanted[first][1].row.offset
            block = wanted[first][1].wheel.read(begin, wanted[last - 1][1].end - begin)
            for payload, located in wanted[first:last]:
                row = located.row
                start = row.offset - begin
                data = block[start : start + row.compressed_size] if block is not None else None
                if data is not None and xxhash.xxh3_128_hexdigest(data) == row.digest:
                    copied[payload.recipe] = Packed(row, data)
                else:
                    self._forget(payload, located)
        size = sum([packed.facts.size for packed in copied.values()])
        self.progress.add(members_reused=len(copied), bytes_reused=size)
        return copied

    def copy_large(self, archive: ArchiveWriter, payload: Payload, located: Located) -> bool:
        """Append the member block by block; say no, with nothing appended, when its bytes are gone or damaged."""
        mark = archive.output.mark()
        try:
            archive.add_blocks(payload, located.row, self._blocks(located))
        except _Damaged:
            archive.output.go_back(mark)
            self._forget(payload, located)
            return False
        self.progress.add(members_reused=1, bytes_reused=located.row.size)
        return True

    def _blocks(self, located: Located) -> Iterator[bytes]:
        digest, length = xxhash.xxh3_128(), self.sizes.block
        for offset in range(located.row.offset, located.end, length):
            block = located.wheel.read(offset, min(length, located.end - offset))
            if block is None:
                raise _Damaged
            digest.update(block)
            yield block
        if digest.hexdigest() != located.row.digest:
            raise _Damaged

    def _spans(self, wanted: Sequence[Located]) -> Iterable[tuple[int, int]]:
        """Yield (first, behind last) of runs that lie in one file, in order and close to each other."""
        first, begin, end, wheel = 0, 0, 0, None
        for number, located in enumerate(wanted):
            offset, last = located.row.offset, located.end
            is_near = 0 <= offset - end <= self.sizes.gap and last - begin <= self.sizes.span
            if located.wheel is not wheel or not is_near:
                if wheel is not None:
                    yield first, number
                first, begin, wheel = number, offset, located.wheel
            end = last
        if wanted:
            yield first, len(wanted)

    def _forget(self, payload: Payload, located: Located) -> None:
        self.reuse.forget(payload.recipe, located)
        self.progress.add(members_damaged=1)
