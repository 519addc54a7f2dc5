"""Wheels for Windows: names that it can hold, DLLs and programs that find each other, true tables of loads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from tools.naming import project_name
from tools.verify.finding import Finding, error, warning
from tools.verify.identity import Wheel
from tools.verify.installed import Installed
from tools.windows import kinds, names
from tools.windows.lists import Lists
from tools.windows.order import TABLE, loads_table
from tools.windows.search import Package
from tools.windows.wheels import Holder, all_problems


def check_windows(installed: Installed, lists: Lists, devel: frozenset[str]) -> Iterator[Finding]:
    """Yield what keeps wheels of one version from working together on Windows; ``devel``: packages of development."""
    holders = {project: holder for project in installed.wheels if (holder := _holder(installed, project, devel))}
    files = {holder.package.name: installed.wheels[project].name for project, holder in holders.items()}
    for one in all_problems(holders.values(), lists, files):
        told = error if one.severity == "error" else warning
        yield told(files[one.package], "closed", one.sentence, one.path)
    packages = [holder.package for holder in holders.values() if not holder.is_devel]
    for project, holder in holders.items():
        if not holder.is_devel:
            yield from _check_table(installed.wheels[project], holder.package, packages, lists)
    for wheel in installed.wheels.values():
        yield from _check_kinds(wheel)
    yield from _check_names(installed, lists.path_budget)


def _holder(installed: Installed, project: str, devel: frozenset[str]) -> Holder | None:
    wheel = installed.wheels[project]
    facts = wheel.identity.facts
    if facts is None:
        return None
    others = {name: other.identity.facts for name, other in installed.wheels.items()}
    required = (others.get(project_name(one.name)) for one in wheel.identity.requires if one.marker is None)
    package = Package(
        name=facts.distribution,
        role=facts.package,
        directory=facts.platform_package,
        requires=tuple(other.distribution for other in required if other is not None),
        files={path: content.pe for path, content in wheel.contents.files.items() if content.pe is not None},
    )
    return Holder(package=package, is_devel=facts.package in devel, links=installed.links_of(project))


def _check_table(wheel: Wheel, package: Package, packages: Iterable[Package], lists: Lists) -> Iterator[Finding]:
    """Yield that the runtime would load DLLs in another order than they need."""
    path, text = loads_table(package, packages, lists)
    told = {name: content for name, content in wheel.contents.texts.items() if name.endswith(TABLE)}
    if not any(facts.library for facts in package.files.values()) and not told:
        return
    if list(told) != [path]:
        yield error(wheel.name, "loads", "must have one table of loads, of this name", path)
    elif _parsed(told[path]) != json.loads(text):
        yield error(wheel.name, "loads", "is not the order that the DLLs need; build the wheel again", path)


def _parsed(text: bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _check_kinds(wheel: Wheel) -> Iterator[Finding]:
    for path, content in sorted(wheel.contents.files.items()):
        if wrong := kinds.misplaced(path, content.pe, content.elf):
            yield error(wheel.name, "machine", wrong.removeprefix(f"{path}: "), path)


def _check_names(installed: Installed, budget: int) -> Iterator[Finding]:
    groups: dict[str, list[str]] = {
        wheel.name: [*wheel.contents.files, *installed.links_of(project)] for project, wheel in installed.wheels.items()
    }
    for name, paths in groups.items():
        for path in paths:
            for sentence in (*names.unfit([path]), *names.too_long([path], budget)):
                yield error(name, "names", sentence.removeprefix(f"{path}: "), path)
    yield from (error(_first_of(sentence, groups), "names", sentence) for sentence in names.clashes(groups))


def _first_of(sentence: str, groups: Mapping[str, Iterable[str]]) -> str:
    """Return the first wheel that a sentence names."""
    return min((name for name in groups if f"({name})" in sentence), key=lambda name: sentence.index(f"({name})"))
