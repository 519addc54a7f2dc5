"""What someone with a given GPU installs: the extras of ``rocm``, and the files that come with each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from tools.dist.listing import ListedFile
from tools.naming import extra_name
from tools.platform.tags import LINUX, SYSTEMS

GENERIC = "generic"  # the family of what any GPU can use
ALWAYS = frozenset({"core", "meta"})  # come with every choice
LABELS = {"libraries": "Libraries", "devel": "Development files", "profiler": "Profiler"}
WITH = {"device": "libraries"}  # device code is of no use without its libraries, nor they without it


class Gpu(msgspec.Struct, frozen=True, kw_only=True):
    """A GFX target, what it is sold as, and the families it belongs to besides its own."""

    target: str  # "gfx942"
    product: str
    families: tuple[str, ...]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Something that can be ticked."""

    package: str
    label: str
    extras: tuple[str, ...]  # of the meta distribution
    distributions: tuple[str, ...]  # that those extras stand for
    files: tuple[str, ...]  # that are downloaded for it


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One GPU and what there is for it."""

    target: str
    product: str
    family: str
    words: tuple[str, ...]  # by which else it is found: all its families
    parts: tuple[Part, ...]


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """One version of everything for one system."""

    version: str
    system: str  # as people call it; empty where no version has wheels for several
    meta: str  # the distribution that has the extras; empty: install the parts by their own names
    files: tuple[str, ...]  # downloaded whatever is ticked
    choices: tuple[Choice, ...]


def releases(files: Iterable[ListedFile], gpus: Sequence[Gpu]) -> tuple[Release, ...]:
    """Return what can be chosen of each version and system, in the order of ``files``.

    Yanked files, those of others and those in folders cannot be chosen.

    Where some version has the meta distribution, one without it is none of ROCm: a carried wheel's.
    """
    by_version: dict[str, list[ListedFile]] = defaultdict(list)
    for file in files:
        if file.yanked is False and file.is_ours and not file.folder:
            by_version[file.version].append(file)
    several = len({system for group in by_version.values() for file in group for system in file.systems}) > 1
    found = [
        _release(version, SYSTEMS[system] if several else "", of_system, gpus)
        for version, of_version in by_version.items()
        for system, of_system in _by_system(of_version)
    ]
    return tuple(release for release in found if release.meta or not any(other.meta for other in found))


def _by_system(files: Sequence[ListedFile]) -> Iterable[tuple[str, list[ListedFile]]]:
    """Yield each system that some file is for, with its files and those for any."""
    for system in sorted({system for file in files for system in file.systems}) or [LINUX]:
        yield system, [file for file in files if not file.systems or system in file.systems]


def _release(version: str, system: str, files: Sequence[ListedFile], gpus: Sequence[Gpu]) -> Release:
    always = [file for file in files if file.package in ALWAYS]
    return Release(
        version=version,
        system=system,
        meta=next((file.distribution for file in always if file.package == "meta"), ""),
        files=closure(always, files),
        choices=tuple(_choices(files, gpus)),
    )


def _choices(files: Sequence[ListedFile], gpus: Sequence[Gpu]) -> Iterable[Choice]:
    families = {file.family for file in files} - {GENERIC}
    width = {family: sum(family in (gpu.target, *gpu.families) for gpu in gpus) for family in families}
    reached = set()
    for gpu in gpus:
        own = sorted(families & {gpu.target, *gpu.families}, key=lambda family: (width[family], family))
        if own:
            reached.update(own)
            yield Choice(
                target=gpu.target,
                product=gpu.product,
                family=own[0],
                words=gpu.families,
                parts=parts_of(files, (*own, GENERIC)),
            )
    for family in sorted(families - reached):
        yield Choice(target=family, product=family, family=family, words=(), parts=parts_of(files, (family, GENERIC)))
    if not families:
        yield Choice(target="", product="Any GPU", family=GENERIC, words=(), parts=parts_of(files, (GENERIC,)))


def parts_of(files: Sequence[ListedFile], families: Sequence[str]) -> tuple[Part, ...]:
    """Return the parts, of each package the file of the first (narrowest) of ``families`` that has one."""
    chosen: dict[str, list[ListedFile]] = defaultdict(list)
    for package in _packages(files):
        of_package = {file.family: file for file in files if file.package == package}
        if family := next((family for family in families if family in of_package), None):
            chosen[WITH.get(package, package)].append(of_package[family])
    return tuple(
        Part(
            package=package,
            label=LABELS.get(package, package),
            extras=tuple(_extra(file) for file in members),
            distributions=tuple(file.distribution for file in members),
            files=closure(members, files),
        )
        for package, members in chosen.items()
    )


def _packages(files: Iterable[ListedFile]) -> list[str]:
    """Return the packages to choose from: those with a label first, then the others by name."""
    order = [*LABELS, *WITH]
    packages = {file.package for file in files} - ALWAYS
    return sorted(packages, key=lambda name: (order.index(name) if name in order else len(order), name))


def _extra(file: ListedFile) -> str:
    return extra_name(file.package, file.family)


def closure(wanted: Iterable[ListedFile], files: Iterable[ListedFile]) -> tuple[str, ...]:
    """Return the names of the files wanted and of all that they require."""
    by_project: Mapping[str, ListedFile] = {file.project: file for file in files}
    found: dict[str, Collection[str]] = {}
    todo = [file.project for file in wanted]
    while todo:
        if (project := todo.pop()) in by_project and project not in found:
            found[project] = by_project[project].requires
            todo.extend(found[project])
    return tuple(sorted(by_project[project].filename for project in found))
