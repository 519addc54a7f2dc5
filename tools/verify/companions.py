"""Which wheels of others are looked at together: nobody installs two of one project, or two for different Pythons."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.version import Version

from tools.naming import project_name, read_wheel_name
from tools.verify.identity import Wheel

_MINORS = range(6, 40)  # of Python 3: all that a wheel may be for
_PLATFORM = re.compile(r"(?:many|musl)?(linux|macosx|win)\d*(?:_\d+_\d+)?_?(.*)")  # system and machine (PEP 425, 600)


class Company(NamedTuple):
    """Wheels of others that can be installed together, one a project."""

    wheels: tuple[Wheel, ...]
    looked_at: tuple[Wheel, ...]  # those of them that are looked at in this company


class _Candidate(NamedTuple):
    """A wheel, and where it can be installed."""

    wheel: Wheel
    version: Version
    pythons: frozenset[str]
    machines: frozenset[str]


def companies(wheels: Iterable[Wheel]) -> list[Company]:
    """Return each wheel in the company of one of each other project: the newest that can be installed with it."""
    candidates = sorted(map(_candidate, wheels), key=lambda one: (one.version, one.wheel.name))
    by_python = _by_python(candidates)
    found: dict[tuple[str, ...], tuple[tuple[Wheel, ...], list[Wheel]]] = {}
    for one in candidates:
        together = tuple(sorted((one.wheel, *_companions(one, by_python)), key=lambda wheel: wheel.name))
        _, looked_at = found.setdefault(tuple(wheel.name for wheel in together), (together, []))
        looked_at.append(one.wheel)
    return [Company(together, tuple(looked_at)) for together, looked_at in found.values()]


def _candidate(wheel: Wheel) -> _Candidate:
    tags = read_wheel_name(wheel.name).tags
    machines = frozenset(_machine(tag.platform) for tag in tags)
    return _Candidate(wheel, Version(wheel.identity.version), _pythons(tags), machines)


def _by_python(candidates: Iterable[_Candidate]) -> list[tuple[str, list[_Candidate]]]:
    """Return what can be installed for each Python, the oldest first; of Pythons that take the same, the last one."""
    found: dict[str, list[_Candidate]] = {python: [] for python in _taken()}
    for one in candidates:
        for python in one.pythons:
            found.setdefault(python, []).append(one)
    distinct = {tuple(one.wheel.name for one in taken): (python, taken) for python, taken in found.items()}
    return list(distinct.values())


def _companions(one: _Candidate, by_python: Iterable[tuple[str, list[_Candidate]]]) -> list[Wheel]:
    """Return a wheel of each other project, for the newest of the Pythons for which most projects have one."""
    best: dict[str, Wheel] = {}
    for python, taken in by_python:
        if python in one.pythons:
            chosen = _newest(one, taken)
            if len(chosen) >= len(best):
                best = chosen
    return list(best.values())


def _newest(one: _Candidate, taken: Iterable[_Candidate]) -> dict[str, Wheel]:
    """Return the last wheel of each other project, one of a version that is asked for before any other."""
    chosen: dict[str, Wheel] = {}
    asked_for: set[str] = set()
    for other in taken:
        project = other.wheel.identity.project
        if project != one.wheel.identity.project and _share_a_machine(one, other):
            is_asked_for = _is_asked_for(one.wheel, other)
            if is_asked_for or project not in asked_for:
                chosen[project] = other.wheel
            if is_asked_for:
                asked_for.add(project)
    return chosen


def _is_asked_for(wheel: Wheel, other: _Candidate) -> bool:
    project = other.wheel.identity.project
    asked = [one.specifier for one in wheel.identity.requires if project_name(one.name) == project]
    return all(one.contains(other.version, prereleases=True) for one in asked)


def _share_a_machine(one: _Candidate, other: _Candidate) -> bool:
    return "any" in one.machines | other.machines or bool(one.machines & other.machines)


def _machine(platform: str) -> str:
    match = _PLATFORM.fullmatch(platform)
    return f"{match[1]} {match[2]}" if match else platform


def _pythons(tags: Iterable[Tag]) -> frozenset[str]:
    """Return the Pythons that take a wheel with one of these tags; one that nobody here knows goes by its tag."""
    found: set[str] = set()
    for tag in tags:
        known = {python for python, taken in _taken().items() if (tag.interpreter, tag.abi) in taken}
        found |= known or {f"{tag.interpreter}-{tag.abi}"}
    return frozenset(found)


@cache
def _taken() -> dict[str, set[tuple[str, str]]]:
    """Return what each CPython takes, as (Python tag, ABI tag); one without its lock has an ABI of its own."""
    found = {}
    for minor in _MINORS:
        version, interpreter = (3, minor), f"cp3{minor}"
        for abi in (interpreter, f"{interpreter}t"):
            tags = [*cpython_tags(version, [abi], ["any"]), *compatible_tags(version, interpreter, ["any"])]
            found[abi] = {(tag.interpreter, tag.abi) for tag in tags}
    return found
