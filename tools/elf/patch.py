"""An edit that is applied while the bytes of a file stream by: nothing is copied or held in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from tools.elf.image import damaged, read_at
from tools.errors import InputChanged

BLOCK = 1 << 20  # bytes read at a time


class Stretch(NamedTuple):
    """A run of bytes behind the old end of the file: a copy of the source's bytes, or zeros."""

    size: int
    source: int | None = None  # offset in the source; None: zeros


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """What turns a source of ``source_size`` bytes into the new file of ``size`` bytes.

    Holds no bytes of the source: some kilobytes, whatever the file.
    """

    source_size: int
    edits: tuple[tuple[int, bytes], ...] = ()  # (offset in the new file, new bytes), ascending
    tail: tuple[Stretch, ...] = ()  # what follows the source's bytes

    def __post_init__(self) -> None:
        ends = 0
        for offset, content in self.edits:
            if offset < ends:
                raise damaged("its tables overlap")
            ends = offset + len(content)
        copied = max((source + size for size, source in self.tail if source is not None), default=0)
        if ends > self.size or copied > self.source_size:
            raise damaged("its tables lie outside the file")

    @property
    def size(self) -> int:
        """Bytes of the new file."""
        return self.source_size + sum(stretch.size for stretch in self.tail)

    def apply_whole(self, content: memoryview) -> memoryview:
        """Turn ``content``, the source followed by room for the rest, into the new file, and return it."""
        offset = self.source_size
        for size, source in self.tail:
            content[offset : offset + size] = bytes(size) if source is None else content[source : source + size]
            offset += size
        for start, new in self.edits:
            content[start : start + len(new)] = new
        return content

    def apply(self, offset: int, block: bytes) -> bytes:
        """Return the new file's bytes for ``block``, which begins at ``offset`` of source plus tail."""
        end, changed = offset + len(block), bytearray()
        for start, content in self.edits:
            first, last = max(start, offset), min(start + len(content), end)
            if first < last:
                changed = changed or bytearray(block)
                changed[first - offset : last - offset] = content[first - start : last - start]
        return bytes(changed) if changed else block


def patched_blocks(file: BinaryIO, size: int, patch: Patch, block_size: int = BLOCK) -> Iterator[bytes]:
    """Yield the new file's bytes in order, at most ``block_size`` at a time, from a source of ``size`` bytes.

    :raises InputChanged: when the source is not as long as it was when the edit was planned.
    """
    if size != patch.source_size:
        raise InputChanged(f"has {size} bytes now and had {patch.source_size} when its edit was planned")
    yield from _blocks(file, patch, 0, Stretch(size, 0), block_size)
    yield from tail_blocks(file, patch, block_size)


def tail_blocks(file: BinaryIO, patch: Patch, block_size: int = BLOCK) -> Iterator[bytes]:
    """Yield only the bytes behind the source's, for a caller that streams those through ``apply`` itself.

    :raises UserError: when the source is shorter than it was.
    """
    offset = patch.source_size
    for stretch in patch.tail:
        yield from _blocks(file, patch, offset, stretch, block_size)
        offset += stretch.size


def _blocks(file: BinaryIO, patch: Patch, offset: int, stretch: Stretch, block_size: int) -> Iterator[bytes]:
    for done in range(0, stretch.size, block_size):
        length = min(block_size, stretch.size - done)
        if stretch.source is None:
            block = bytes(length)
        else:
            block = read_at(file, patch.source_size, stretch.source + done, length)
        yield patch.apply(offset + done, block)
