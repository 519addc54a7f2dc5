"""Which GPU family a name or a set of GPUs stands for. Pure: everything is an argument."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from rocm_sdk._facts import Facts

VARIABLE = "ROCM_SDK_TARGET_FAMILY"


class UnknownFamily(ValueError):
    """``ROCM_SDK_TARGET_FAMILY`` names no family of this build. ``str()`` lists those that there are."""


class Choice(NamedTuple):
    """The families chosen, none if that cannot be decided, and why, for a person to read."""

    families: tuple[str, ...]
    reason: str


def choose(environment: Mapping[str, str], find_gpus: Callable[[], Sequence[str]], facts: Facts) -> Choice:
    """Return what to install: by the variable, else the GPUs found, else the default, else the only family.

    That is one family, but in the kpack-split layout several targets may stand side by side.

    :raises UnknownFamily: when the variable names no family of this build.
    """
    if named := environment.get(VARIABLE, "").strip():
        return Choice(named_families(named, facts), f"{VARIABLE} is {named}")
    gpus = find_gpus()
    if found := families_of_gpus(gpus, facts):
        return Choice(found, f"GPU found: {', '.join(gpus)}")
    if facts.default_family is not None:
        return Choice((facts.default_family,), "the default of this build")
    if len(facts.families) == 1:
        return Choice(facts.families, "the only family of this build")
    return Choice((), f"{VARIABLE} is not set, and {_seen(gpus)}")


def named_families(name: str, facts: Facts) -> tuple[str, ...]:
    """Return the families that a value of the variable stands for.

    A family in any case, a GFX target that one of them covers, or, where families are targets, a list of them
    or the name of a group.

    :raises UnknownFamily: when it stands for none.
    """
    parts = [part for part in re.split(r"[,;\s]+", name) if part]
    chosen = dict.fromkeys(family for part in parts for family in _named(part, facts))
    if not chosen or (len(chosen) > 1 and not facts.is_split):
        what = "is more than one family" if chosen else "is no family"
        raise UnknownFamily(f"{VARIABLE}: {name!r} {what} of rocm {facts.version}; use one of {_join(facts.families)}")
    return tuple(chosen)


def families_of_gpus(gpus: Iterable[str], facts: Facts) -> tuple[str, ...]:
    """Return the families for ``gpus``, leaving out GPUs that this build has no code for.

    One tree must serve all GPUs: the smallest family with code for each of them, or none.
    """
    covering = [families for gpu in gpus if (families := _covering(gpu, facts))]
    if not covering:
        return ()
    if facts.is_split:
        return tuple(dict.fromkeys(family for families in covering for family in families))
    common = [family for family in covering[0] if all(family in families for families in covering)]
    return tuple(common[:1])


def _named(name: str, facts: Facts) -> Sequence[str]:
    exact = [family for family in facts.families if family.lower() == name.lower()]
    if exact:
        return exact
    if facts.is_split:
        return [
            family
            for family in facts.families
            if family in facts.targets and name.lower() in map(str.lower, facts.targets[family].families)
        ]
    return _covering(name.lower(), facts)[:1]


def _covering(gpu: str, facts: Facts) -> list[str]:
    """Return the families with code for ``gpu``, those of the fewest targets first."""
    names = {gpu, *(facts.targets[gpu].families if gpu in facts.targets else ())}
    size = {name: sum(name in target.families for target in facts.targets.values()) for name in names}
    return sorted(names & set(facts.families), key=lambda family: (size[family], family))


def _seen(gpus: Sequence[str]) -> str:
    return f"no one family of this build is for {', '.join(gpus)}" if gpus else "no AMD GPU was found"


def _join(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
