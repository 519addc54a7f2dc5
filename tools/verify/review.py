"""What a person should look at: files of other GPUs, files for one Python version, wheels that grew too large."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from tools.plan.targets import targets_in
from tools.verify.finding import Finding, error, warning
from tools.verify.identity import Wheel

GENERIC = "generic"
WITH_KERNELS = frozenset({"libraries", "device"})  # whose files are for the GPUs of their family
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


def _foreign_targets(wheel: Wheel, own: Collection[str], known: Collection[str]) -> Iterator[Finding]:
    for path in wheel.contents.files:
        if others := sorted({*targets_in(path, known)} - {*own}):
            named = f"{path} ({', '.join(others)})"
            yield warning(wheel.name, "targets", "is named after a GPU that the wheel is not for", named)


def _python_files(wheel: Wheel) -> Iterator[Finding]:
    if "-py3-none-" not in wheel.name:
        return
    for path in wheel.contents.files:
        if _PYTHON.search(path):
            yield warning(wheel.name, "python", "is for one version of Python, in a wheel for all of them", path)
