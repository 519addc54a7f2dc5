"""What a plan amounts to, in a file small enough to be read whenever jobs are put in order."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tools.plan.model import WheelPlan
from tools.values import decode_json

SAMPLE = 200  # contents; enough to tell a tenth from nothing
MEMBER = 4096  # bytes; what a member costs beside its content is about what so many bytes cost to compress
_SCALE = float(1 << 64)


class Outline(msgspec.Struct, frozen=True):
    """The number and size of a wheel's members, and a sample of their contents."""

    members: int
    bytes: int  # of members as installed, about: an edit adds a few
    sample: tuple[tuple[str, float], ...]  # sha256, shortened, and rank, highest first

    def shared_with(self, other: Outline) -> float:
        """Return about which part of this wheel's work the other wheel has, too: from 0 to 1."""
        if not self.sample or not other.sample:
            return 0.0
        least = max(_least(self), _least(other))
        own = [content for content, rank in self.sample if rank >= least]
        theirs = {content for content, _ in other.sample}
        return sum(content in theirs for content in own) / len(own) if own else 0.0


def outline_of(plan: WheelPlan) -> Outline:
    """Return a plan's outline.

    The sample is a priority sample (Duffield, Lund, Thorup 2007): the contents with the highest size / hash. The hash
    is the content's own digest, so that two plans that share contents have these in both samples.
    """
    sources = {member.sha256: member.size for member in plan.members if member.source}
    ranks = [((size + MEMBER) / (int(sha256[:16], 16) + 1) * _SCALE, sha256[:16]) for sha256, size in sources.items()]
    sample = sorted(ranks, reverse=True)[:SAMPLE]
    return Outline(
        members=len(plan.members),
        bytes=sum(member.size for member in plan.members),
        sample=tuple((content, round(rank, 1)) for rank, content in sample),
    )


def read_outline(file: Path) -> Outline | None:
    """Return the outline in a file; None where there is none that can be read."""
    try:
        return decode_json(file.read_bytes(), Outline)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def _least(outline: Outline) -> float:
    """Return the rank from which on the sample has every content."""
    return outline.sample[-1][1] if len(outline.sample) == SAMPLE else 0.0
