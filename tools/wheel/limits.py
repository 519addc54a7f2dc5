"""Sizes that the wheel's bytes or its memory depend on. Those of the first group are part of every recipe."""

from __future__ import annotations

MIB = 1 << 20  # bytes

PROBE = 1 * MIB  # a member above this is compressed only if samples of it shrink
WHOLE = 128 * MIB  # a member above this is cut, so that memory is bounded and all cores work on one file
PIECE = 8 * MIB  # bytes of a cut; the 32 KiB of history lost at each cut cost less than 0.1 %

BATCH = 1 * MIB  # small members that are compressed by one job, so that threads rarely change hands
BATCH_MEMBERS = 512  # the same for empty and tiny ones
WHEELS = 4  # written at a time: each has its plan and its receipt in memory, which for 20,000 members is 40 MB
BUDGET = 384 * MIB  # source and compressed bytes in memory, all wheels of the process together
SPAN = 4 * MIB  # compressed members of another wheel that are read at once
GAP = 64 << 10  # bytes between them that are read and dropped rather than read around
BLOCK = 8 * MIB  # bytes of a large member that are copied from another wheel at a time
