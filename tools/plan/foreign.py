"""Files named after a GPU that their wheel is not for: code nobody there can run, or another target's wheel's file."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from tools.plan.model import Member

_TARGET = re.compile(r"gfx([0-9a-f]{3,})(?![0-9A-Za-z])")  # also gfx90a68: MIOpen appends the number of compute units


def targets_in(path: str, known: Collection[str]) -> list[str]:
    """Return the GFX targets that a path speaks of.

    A known target may be followed by a number of compute units (gfx90a68, gfx942130); gfx9 or gfx94X is no target.
    """
    return [_known(digits, known) for digits in _TARGET.findall(path)]


def foreign_names(members: Iterable[Member], target: str, known: Collection[str]) -> list[str]:
    """Return a sentence for each file from an artifact that is named after another GPU than ``target``."""
    return [
        f"{member.source.partition('/')[0]}: {path}: is named after {other}, in a wheel for {target}; ship it in an "
        f"artifact of {other}, or exclude it"
        for member in members
        if member.source
        for path in [member.path.partition("/")[2]]
        for other in sorted({*targets_in(path, known)} - {target})
    ]


def _known(digits: str, known: Collection[str]) -> str:
    prefixes = [f"gfx{digits[:length]}" for length in range(len(digits), 2, -1)]
    return next((prefix for prefix in prefixes if prefix in known), f"gfx{digits}")
