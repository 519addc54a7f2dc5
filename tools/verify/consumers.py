"""Wheels of other projects beside ours: does the loader find what their libraries need, and the right one of it?

Each NEEDED of each ELF file is looked for as ld.so(8) does: along the file's RUNPATH, else along its RPATH and those
of the libraries of its wheel that need it, in the set as it would be installed. LD_LIBRARY_PATH is nobody's promise.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from posixpath import basename, dirname, join, normpath
from typing import NamedTuple

from packaging.requirements import Requirement

from tools.elf.model import ElfFacts
from tools.naming import project_name
from tools.platform.tags import platforms_of
from tools.verify.companions import Company
from tools.verify.finding import Finding, error, warning
from tools.verify.identity import Wheel
from tools.verify.installed import Installed, InstalledFile
from tools.verify.sdist import Sdist
from tools.verify.wheel import Content

CHECK = "consumers"
META = "rocm"  # the distribution with the extras
GENERIC, DEVEL = "generic", "devel"
_ORIGIN = re.compile(r"\$(?:ORIGIN|\{ORIGIN\})(?=/|$)")  # ld.so(8)
_SHOWN = 3  # files that need one library, before "and N more"


class Verdict(NamedTuple):
    """What becomes of one NEEDED."""

    severity: str  # "error", "warning"; "": it is found
    problem: str
    detail: str = ""  # of the library


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledSet:
    """Projects that people install together, and what to call the set."""

    name: str  # a family; empty where there is but one set
    projects: frozenset[str]


def check_consumers(
    installed: Installed, company: Company, sdists: Iterable[Sdist], system: Collection[str]
) -> Iterator[Finding]:
    """Yield what wheels of others do not find, find by luck, or find wrong; and extras they ask of us in vain."""
    consumers = sorted(company.looked_at, key=lambda wheel: wheel.name)
    preloaded = [pattern for sdist in sdists for pattern in _preloaded(sdist)]
    sets = installed_sets(installed, company.wheels)
    for wheel in consumers:
        told: dict[tuple[str, Verdict], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        search_paths = _SearchPaths(wheel)
        for one in sets:
            search = _Search(installed, search_paths, one.projects, preloaded, system)
            for path, name, verdict in search.verdicts():
                if verdict.severity:
                    told[name, verdict][path].append(one.name)
        for (name, verdict), paths in sorted(told.items()):
            make = error if verdict.severity == "error" else warning
            yield make(wheel.name, CHECK, verdict.problem, _culprit(name, verdict, paths, len(sets)))
    yield from _check_requirements(installed, company, list(sdists))


def found_by(installed: Installed, wheel: Wheel, others: Sequence[Wheel], system: Collection[str]) -> tuple[int, int]:
    """Return how many NEEDED entries, the system's left out, the wheel finds through its own paths, and of how many.

    Of several sets, the one where it finds fewest counts.
    """
    counts, search_paths = [], _SearchPaths(wheel)
    for one in installed_sets(installed, others):
        verdicts = list(_Search(installed, search_paths, one.projects, [], system).verdicts())
        counts.append((sum(not verdict.severity for _, _, verdict in verdicts), len(verdicts)))
    return min(counts, default=(0, 0))


def installed_sets(installed: Installed, consumers: Sequence[Wheel]) -> list[InstalledSet]:
    """Return the sets as people install them: one a family where libraries are per family, else a single one.

    Development files belong to a set where a wheel of others asks for an extra of that name.
    """
    asked = {project_name(extra) for wheel in consumers for one in wheel.identity.requires for extra in one.extras}
    with_devel = any(extra.split("-")[0] == DEVEL for extra in asked)
    common, families = set[str](), defaultdict[str, set[str]](set)
    for project, wheel in installed.wheels.items():
        facts = wheel.identity.facts
        if facts is None or facts.family == GENERIC:
            if facts is None or facts.package != DEVEL or with_devel:
                common.add(project)
        elif facts.package != DEVEL or with_devel:
            families["" if facts.package == "device" else facts.family].add(project)
    common |= families.pop("", set())
    if not families:
        return [InstalledSet(name="", projects=frozenset(common))]
    return [InstalledSet(name=family, projects=frozenset(common | own)) for family, own in sorted(families.items())]


class _SearchPaths:
    """Where the loader looks for what the files of one wheel need, whatever else is installed."""

    def __init__(self, wheel: Wheel) -> None:
        self.wheel = wheel
        platforms = platforms_of(wheel.identity.platforms)
        self.own = {
            path: content.elf
            for path, content in wheel.contents.files.items()
            if content.elf is not None and any(one.is_loaded(content.elf) for one in platforms)
        }
        inheriting = {path: elf for path, elf in self.own.items() if elf.runpath is None}
        self._rpaths = {path: _places(path, elf.rpath) for path, elf in inheriting.items() if elf.rpath}
        self._loaders: dict[str, set[str]] = defaultdict(set)  # name -> who needs it and has no RUNPATH
        for path, elf in inheriting.items():
            for name in elf.needed:
                self._loaders[name].add(path)
        self._known: dict[str, list[str]] = {}

    def directories(self, path: str) -> list[str]:
        """Return where the loader looks, in order: DT_RUNPATH alone, or DT_RPATH and those of who loads the file."""
        if path not in self._known:
            runpath = self.own[path].runpath
            places = _places(path, runpath) if runpath is not None else self._of_loaders(path)
            self._known[path] = list(dict.fromkeys(places))
        return self._known[path]

    def _of_loaders(self, path: str) -> Iterator[str]:
        """Yield the directories of DT_RPATH of a file, of who loads it, of who loads these: the nearest first."""
        pending, seen = deque([path]), {path}
        while pending:
            one = pending.popleft()
            yield from self._rpaths.get(one, ())
            new = self._loaders.get(basename(one), set()) - seen
            seen |= new
            pending += sorted(new)


class _Search:
    """The loader's way to the libraries of one wheel in one set."""

    def __init__(
        self,
        installed: Installed,
        paths: _SearchPaths,
        projects: frozenset[str],
        preloaded: Sequence[str],
        system: Collection[str],
    ) -> None:
        self.installed, self.wheel, self.paths, self.projects = installed, paths.wheel, paths, projects
        self.preloaded, self.system = preloaded, system
        self.by_name: dict[str, list[tuple[str, InstalledFile]]] = defaultdict(list)
        for path, place in installed.files.items():
            if place.content.elf is not None and place.project in projects:
                self.by_name[basename(path)].append((path, place))

    def verdicts(self) -> Iterator[tuple[str, str, Verdict]]:
        """Yield (path, NEEDED, verdict) of what the wheel's files need beside the system's libraries."""
        for path, elf in sorted(self.paths.own.items()):
            for name in elf.needed:
                if name not in self.system and "/" not in name:
                    yield path, name, self._verdict(path, elf, name)

    def _verdict(self, path: str, elf: ElfFacts, name: str) -> Verdict:
        for directory in self.paths.directories(path):
            place = self.installed.find(join(directory, name), self.projects)
            if place is not None and place.content.elf is not None and _fits(place.content.elf, elf):
                return self._judge(path, name, directory, place)
        return self._not_found(name, elf)

    def _judge(self, path: str, name: str, directory: str, place: InstalledFile) -> Verdict:
        """Say whether what was found is what was meant."""
        elf = place.content.elf
        where = f"{directory}/{name}"
        if elf is not None and elf.soname is not None and elf.soname != name:
            return Verdict("error", "would load a library of another SONAME", f"{where} is {elf.soname}")
        lacking = self._lacking_versions(path, name, place.content)
        if lacking:
            return Verdict("error", "would load a library that lacks a version of its symbols", f"{where}: {lacking}")
        if place.project == self.wheel.identity.project and (others := self._others(name)):
            problem = "brings a library of its own that this dist has, too: what is loaded first is taken by all"
            return Verdict("warning", problem, f"also {others[0]}")
        return Verdict("", "")

    def _lacking_versions(self, path: str, name: str, library: Content) -> str:
        user = self.wheel.contents.files[path].versions
        defined = library.versions.defined
        wanted = [version for needed, version in user.needed if needed == name]
        return ", ".join(version for version in wanted if defined and version not in defined)

    def _others(self, name: str) -> list[str]:
        own = self.wheel.identity.project
        return sorted(path for path, place in self.by_name.get(name, ()) if place.project != own)

    def _not_found(self, name: str, elf: ElfFacts) -> Verdict:
        places = [(path, place) for path, place in self.by_name.get(name, ()) if _fits_place(place, elf)]
        if not places:
            stem = name.partition(".so")[0] + ".so"
            there = sorted(other for other in self.by_name if other.startswith(f"{stem}.") or other == stem)
            if there:
                problem = "needs a SONAME that this dist has in another version"
                return Verdict("error", problem, f"has {', '.join(there)}")
            return Verdict("error", "needs what no wheel of this dist has and no known system library is")
        path = min(path for path, _ in places)
        if any(fnmatch(path, pattern) for path, _ in places for pattern in self.preloaded):
            return Verdict("warning", "finds a library only where rocm_sdk preloads it", f"in {dirname(path)}")
        problem = "does not find a library that this dist has: no path of its own leads there"
        return Verdict("error", problem, f"in {dirname(path)}")


def _preloaded(sdist: Sdist) -> Iterator[str]:
    """Yield patterns of the libraries that ``rocm_sdk.preload_libraries`` has a short name for."""
    if sdist.facts is None:
        return
    for library in sdist.facts.libraries:
        package = sdist.facts.packages.get(library.package)
        if package is not None and library.linux:
            yield join(package.platform_package.replace("{family}", "*").replace("-", "_"), library.linux)


def _check_requirements(installed: Installed, company: Company, sdists: Sequence[Sdist]) -> Iterator[Finding]:
    """Yield requirements on ours that name a version or an extra that there is not."""
    extras = {sdist.project: {project_name(extra) for extra, _ in sdist.requirements() if extra} for sdist in sdists}
    versions = {project: {wheel.identity.version} for project, wheel in installed.wheels.items()}
    for sdist in sdists:
        versions.setdefault(sdist.project, set()).add(sdist.version)
    theirs = {wheel.identity.project for wheel in company.wheels}
    for wheel in company.looked_at:
        for requirement in wheel.identity.requires:
            project = project_name(requirement.name)
            problem = ""
            if project in versions and project not in theirs:
                problem = _unmet(requirement, versions[project], extras.get(project))
            elif project not in versions and (project == META or project.startswith(f"{META}-sdk-")):
                problem = "requires a distribution that this dist has not"
            if problem:
                yield error(wheel.name, CHECK, problem, str(requirement))


def _unmet(requirement: Requirement, versions: Collection[str], extras: Collection[str] | None) -> str:
    """Return why a requirement on ours is not met, "" if it is; ``extras`` is None where they cannot be known."""
    if not any(requirement.specifier.contains(one, prereleases=True) for one in versions):
        return f"requires another version than {', '.join(sorted(versions))}"
    unknown = {project_name(extra) for extra in requirement.extras} - {*(extras or ())}
    if unknown and extras is not None:
        return f"requires an extra that {requirement.name} has not; it has {', '.join(sorted(extras))}"
    return ""


def _places(path: str, search: str) -> list[str]:
    """Return the directories of a search path below site-packages; what is absolute belongs to nobody here."""
    entries = [entry for entry in search.split(":") if _ORIGIN.match(entry)]
    found = [normpath(join(dirname(path), "." + _ORIGIN.sub("", entry, count=1))) for entry in entries]
    return [one for one in found if not one.startswith("../")]


def _fits(library: ElfFacts, user: ElfFacts) -> bool:
    return (library.machine, library.bits, library.dynamic) == (user.machine, user.bits, True)


def _fits_place(place: InstalledFile, user: ElfFacts) -> bool:
    return place.content.elf is not None and _fits(place.content.elf, user)


def _culprit(name: str, verdict: Verdict, paths: dict[str, list[str]], sets: int) -> str:
    """Return "library, detail (files; families)", as short as it can be."""
    names = sorted(paths)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    families = sorted({family for own in paths.values() for family in own if family})
    where = f"; with {', '.join(families)}" if families and len(families) < sets else ""
    return f"{name}{f', {verdict.detail}' if verdict.detail else ''} ({', '.join(names[:_SHOWN])}{more}{where})"
