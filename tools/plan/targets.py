"""GFX targets of files: device code that one target lacks and another has, and those that a path speaks of."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from tools.errors import listed

_TARGET = re.compile(r"gfx([0-9a-f]{3,})(?![0-9A-Za-z])")  # also gfx90a68: MIOpen appends the number of compute units


def gaps(found: Mapping[str, Collection[str]], expected: Mapping[str, Collection[str]]) -> list[str]:
    """Return a sentence for each expected target that has no device files of an artifact which another target has.

    ``found``: target -> names of the artifacts ("blas") it has device files of. ``expected``: target -> names of those
    that are not built for it.
    """
    every = {name for names in found.values() for name in names}
    sentences = []
    for target in sorted(expected):
        missing = every - {*found.get(target, ()), *expected[target]}
        if missing:
            others = {other for other, names in found.items() if missing & {*names}}
            have = "has" if len(others) == 1 else "have"
            sentences.append(f"{target} has no device files of {listed(missing)}, which {listed(others)} {have}")
    return sentences


def targets_in(path: str, known: Collection[str]) -> list[str]:
    """Return the GFX targets that a path speaks of.

    A known target may be followed by a number of compute units (gfx90a68, gfx942130); gfx9 or gfx94X is no target.
    """
    return [_known(digits, known) for digits in _TARGET.findall(path)]


def _known(digits: str, known: Collection[str]) -> str:
    prefixes = [f"gfx{digits[:length]}" for length in range(len(digits), 2, -1)]
    return next((prefix for prefix in prefixes if prefix in known), f"gfx{digits}")
