"""What a person should look at: files of other GPUs, files for one Python version, wheels that grew too large."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from tools.verify.finding import Finding, error, warning
from tools.verify.identity import Wheel

GENERIC = "generic"
WITH_KERNELS = frozenset({"libraries", "device"})  # whose files are for the GPUs of their family
_TARGET = re.compile(r"gfx([0-9a-f]{3,})(?![0-9A-Za-z])")  # also gfx90a68: MIOpen appends the number of compute units
_PYTHON = re.compile(
    r"\.(?:cpython-\d+|cp\d+-|pypy\d+)[^/]*\.(?:so|pyd)$"  # extension modules
    r"|(?:^|/)(?:lib|lib64)/python\d\.\d+/"
    r"|\.py[cdo]$"
)


def review(wheel: Wheel, families: Mapping[str, Collection[str]], budgets: Mapping[str, int]) -> Iterator[Finding]:
    """Yield what is unusual. ``families``: GFX target -> the families it is in; ``budgets``: package -> bytes."""
    facts = wheel.identity.facts
    yield from _python_files(wheel)
    if facts is None:
        return
    if facts.package in WITH_KERNELS and facts.family != GENERIC:
        own = {target for target, names in families.items() if facts.family == target or facts.family in names}
        yield from _foreign_targets(wheel, own | {facts.family}, families.keys())
    budget = budgets.get(facts.package)
    if budget is not None and wheel.contents.size > budget:
        size = wheel.contents.size
        yield error(wheel.name, "budget", f"has {size:,} bytes; the budget of {facts.package} is {budget:,}")


def targets_in(path: str, known: Collection[str]) -> list[str]:
    """Return the GFX targets that a path speaks of.

    A known target may be followed by a number of compute units (gfx90a68, gfx942130); gfx9 or gfx94X is no target.
    """
    return [_known(digits, known) for digits in _TARGET.findall(path)]


def _known(digits: str, known: Collection[str]) -> str:
    prefixes = [f"gfx{digits[:length]}" for length in range(len(digits), 2, -1)]
    return next((prefix for prefix in prefixes if prefix in known), f"gfx{digits}")


def _foreign_targets(wheel: Wheel, own: Collection[str], known: Collection[str]) -> Iterator[Finding]:
    for path in wheel.contents.files:
        for target in sorted({*targets_in(path, known)} - {*own}):
            yield warning(wheel.name, "targets", f"is named after {target}, a GPU the wheel is not for", path)


def _python_files(wheel: Wheel) -> Iterator[Finding]:
    if "-py3-none-" not in wheel.name:
        return
    for path in wheel.contents.files:
        if _PYTHON.search(path):
            yield warning(wheel.name, "python", "is for one version of Python, in a wheel for all of them", path)
