"""Raw deflate (RFC 1951) by libdeflate, whole or in pieces that join to one stream."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import deflate

from tools.wheel.compress.blocks import last_block

Buffer: TypeAlias = bytes | bytearray | memoryview

STORED, DEFLATED = 0, 8  # compression methods (APPNOTE 4.4.5)
SAMPLE = 16 << 10  # bytes of one sample
SAMPLES = 256  # at most; one a MiB
_WORTH = 0.99  # samples must shrink to less than this, or the member is stored
_SYNC = b"\x00\x00\xff\xff"  # LEN and NLEN of an empty stored block (RFC 1951, 3.2.4)


def compress(content: Buffer, level: int) -> Buffer | None:
    """Return ``content`` as one deflate stream, or None when that is no smaller."""
    if not content:
        return None
    packed: bytearray = deflate.deflate_compress(content, level)
    return packed if len(packed) < len(content) else None


def compress_piece(piece: Buffer, level: int, *, last: bool) -> Buffer:
    """Return one piece of a longer stream: the results of all pieces, joined, are one deflate stream.

    libdeflate ends every stream; here the final mark of a piece's last block is taken away again, and an empty
    stored block brings the next piece to a byte boundary, as Z_SYNC_FLUSH does.
    """
    packed: bytearray = deflate.deflate_compress(piece, level)
    if last:
        return packed
    start, end = last_block(packed, len(piece))
    packed[start >> 3] &= ~(1 << (start & 7)) & 0xFF  # BFINAL is the first bit of a block's header
    if end % 8 == 0 or end % 8 > 5:
        packed += b"\x00"  # the empty block's three header bits begin in, or reach into, one more byte
    packed += _SYNC
    return packed


def sample_offsets(size: int) -> range:
    """Return where the samples of a member of ``size`` bytes begin: evenly spread, a function of the size alone."""
    count = max(1, min(SAMPLES, size >> 20))
    return range(0, size - SAMPLE, (size - SAMPLE) // count) if size > SAMPLE else range(1)


def is_worth_compressing(samples: Iterable[Buffer]) -> bool:
    """Say whether the samples shrink; what is compressed already does not."""
    before = after = 0
    for sample in samples:
        before += len(sample)
        after += len(deflate.deflate_compress(sample, 1))
    return after < before * _WORTH
