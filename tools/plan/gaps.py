"""Device code that one GFX target lacks and another has."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tools.errors import listed


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
