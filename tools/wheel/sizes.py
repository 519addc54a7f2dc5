"""Sizes that decide how the members of a wheel are compressed, copied and grouped."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """All in bytes but ``batch_members``. The first three decide a wheel's bytes, so they are part of every recipe."""

    probe: int = 1 * MIB  # a member above this is compressed only if samples of it shrink
    whole: int = 128 * MIB  # a member above this is cut, so that memory is bounded and all cores work on one file
    piece: int = 8 * MIB  # of a cut; the 32 KiB of history lost at each cut cost less than 0.1 %
    batch: int = 1 * MIB  # small members that are compressed by one job, so that threads rarely change hands
    batch_members: int = 512  # the same for empty and tiny ones
    span: int = 4 * MIB  # compressed members of another wheel that are read at once
    gap: int = 64 << 10  # between such members: read and dropped rather than read around
    block: int = 8 * MIB  # of a large member that is copied from another wheel


STANDARD = Sizes()
