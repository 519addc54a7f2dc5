"""Wheels of one version as they lie side by side in site-packages, devel's links included."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from posixpath import basename, join, normpath
from typing import NamedTuple

import msgspec

from tools.naming import project_name
from tools.plan.devel import Link
from tools.values import decode_json
from tools.verify.finding import Finding, error
from tools.verify.identity import Wheel
from tools.verify.wheel import Content

_FOLLOWED = 8  # links, one after another; a devel tree needs two


class LinkTable(msgspec.Struct, frozen=True):
    """``<import name>.links.json``."""

    root: str
    links: tuple[Link, ...]


class InstalledFile(NamedTuple):
    """A file, and the wheel that has it."""

    project: str
    content: Content


class Installed:
    """The files of wheels that can be installed together, by path."""

    def __init__(self, wheels: Sequence[Wheel]) -> None:
        self.wheels = {wheel.identity.project: wheel for wheel in wheels}
        self.files: dict[str, InstalledFile] = {}
        self.findings: list[Finding] = []
        self._links: dict[str, tuple[str, str]] = {}  # path -> (target, project of the table)
        self._visible: dict[str, frozenset[str]] = {}
        self._by_name: dict[str, list[str]] = {}  # of the files; filled when somebody asks
        self._known_directories: tuple[dict[str, frozenset[str]], set[str]] | None = None
        for wheel in self.wheels.values():
            self._add_files(wheel)
        for wheel in self.wheels.values():
            self._add_links(wheel)

    def visible(self, project: str) -> frozenset[str]:
        """Return the projects that are there whenever ``project`` is: itself and what it requires, however far."""
        if project not in self._visible:
            found, pending = {project}, [project]
            while pending:
                requires = self.wheels[pending.pop()].identity.requires
                names = {project_name(one.name) for one in requires if one.marker is None}
                new = (names & self.wheels.keys()) - found
                found |= new
                pending += new
            self._visible[project] = frozenset(found)
        return self._visible[project]

    def find(self, path: str, visible: frozenset[str]) -> InstalledFile | None:
        """Return the file at ``path``, links of devel trees followed, if a visible wheel has it."""
        for _ in range(_FOLLOWED):
            place = self.files.get(path)
            if place is not None and place.project in visible:
                return place
            target = self._follow(path, visible)
            if target is None:
                return None
            path = target
        return None

    def named(self, name: str) -> list[tuple[str, InstalledFile]]:
        """Return the files called ``name``, in whichever wheel and directory, in order of their paths."""
        if not self._by_name:
            for path in sorted(self.files):
                self._by_name.setdefault(basename(path), []).append(path)
        return [(path, self.files[path]) for path in self._by_name.get(name, ())]

    def has(self, path: str, visible: frozenset[str]) -> bool:
        """Say whether a file or a directory is at ``path``, links of devel trees followed."""
        if self._known_directories is None:
            self._known_directories = _directories(self.files), _parents(self._links)
        return self.find(path, visible) is not None or self._is_directory(path, visible, *self._known_directories)

    def roots(self) -> dict[str, str]:
        """Return the devel trees and the project of each: the directories that link tables make links in."""
        owned = {w.identity.facts.platform_package: p for p, w in self.wheels.items() if w.identity.facts}
        names = {path.partition("/")[0] for path in self._links}
        return {name: owned[name] for name in names if name in owned}

    def below(self, root: str) -> Iterator[tuple[str, InstalledFile, str]]:
        """Yield (path below the root, place, member) of the files that a devel tree has: its own, and by links."""
        start = f"{root}/"
        for path, place in self.files.items():
            if path.startswith(start):
                yield path[len(start) :], place, path
        for path, (target, _) in self._links.items():
            if path.startswith(start) and (linked := self.files.get(target)) is not None:
                yield path[len(start) :], linked, target

    def links_of(self, project: str) -> dict[str, str]:
        """Return path -> target, both below site-packages, of the link table that a wheel brings."""
        return {path: target for path, (target, owner) in self._links.items() if owner == project}

    def _follow(self, path: str, visible: frozenset[str]) -> str | None:
        end = len(path)
        while end != -1:
            link = self._links.get(path[:end])
            if link is not None and link[1] in visible:
                return link[0] + path[end:]
            end = path.rfind("/", 0, end)
        return None

    def _add_files(self, wheel: Wheel) -> None:
        for path, content in wheel.contents.files.items():
            other = self.files.setdefault(path, InstalledFile(wheel.identity.project, content))
            if other.project != wheel.identity.project and not self._share(wheel, other, content):
                problem = f"{self.wheels[other.project].name} has it, too, and both can be installed together"
                self.findings.append(error(wheel.name, "together", problem, path))

    def _share(self, wheel: Wheel, other: InstalledFile, content: Content) -> bool:
        """Say whether two wheels of other projects bring the same file, as parts of one namespace package do."""
        foreign = wheel.identity.facts is None and self.wheels[other.project].identity.facts is None
        return foreign and bool(content.sha256) and content.sha256 == other.content.sha256

    def _add_links(self, wheel: Wheel) -> None:
        for path, text in wheel.contents.texts.items():
            if path.endswith(".links.json"):
                try:
                    table = decode_json(text, LinkTable)
                except (msgspec.DecodeError, UnicodeDecodeError) as problem:
                    self.findings.append(error(wheel.name, "links", f"cannot be read ({problem})", path))
                    continue
                for link in table.links:
                    target = join(link.platform_package, link.target)
                    self._links[join(table.root, link.path)] = target, wheel.identity.project
                self.findings += _check_table(wheel.name, table)

    def check_links(self) -> Iterator[Finding]:
        """Yield rows of link tables that lead nowhere or would replace a file."""
        directories = _directories(self.files)
        made = _parents(self._links)
        for path, (target, project) in self._links.items():
            wheel, visible = self.wheels[project], self.visible(project)
            if any(top in self._links for top in _parents([path])):
                yield error(wheel.name, "links", "lies below another link, and would be made where that leads", path)
            if path in self.files:
                yield error(wheel.name, "links", "a row of its link table would replace a file", path)
            elif self.find(target, visible) is None and not self._is_directory(target, visible, directories, made):
                link = f"{path} -> {target}"
                yield error(wheel.name, "links", "leads to nothing in the wheels that it requires", link)

    def _is_directory(
        self, path: str, visible: frozenset[str], directories: Mapping[str, frozenset[str]], made: Collection[str]
    ) -> bool:
        """Say whether a directory is at ``path``: one of the wheels, or one that links of a devel tree lie in."""
        for _ in range(_FOLLOWED):
            if path in made or directories.get(path, frozenset()) & visible:
                return True
            target = self._follow(path, visible)
            if target is None:
                return False
            path = target
        return False


def check_tree(wheels: Mapping[str, Wheel], files: Mapping[str, InstalledFile]) -> Iterator[Finding]:
    """Yield files that the same or another wheel has as a directory."""
    directories = _directories(files)
    for path in directories.keys() & files.keys():
        for project in sorted(directories[path]):
            own = wheels[files[path].project].name
            if project == files[path].project:
                yield error(own, "archive", "is a file and a directory", path)
            else:
                yield error(own, "together", f"is a directory in {wheels[project].name}", path)


def _check_table(name: str, table: LinkTable) -> Iterator[Finding]:
    seen: set[str] = set()
    for link in table.links:
        for path in (join(table.root, link.path), join(link.platform_package, link.target)):
            if path.startswith(("/", "../")) or normpath(path) != path or "\0" in path:
                yield error(name, "links", "leads out of its place", repr(path))
        if link.kind not in ("symlink", "real"):
            yield error(name, "links", f"is of an unknown kind, {link.kind!r}", link.path)
        if link.path in seen:
            yield error(name, "links", "is there twice", link.path)
        seen.add(link.path)


def _parents(paths: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for path in paths:
        parent = path.rpartition("/")[0]
        while parent and parent not in found:
            found.add(parent)
            parent = parent.rpartition("/")[0]
    return found


def _directories(files: Mapping[str, InstalledFile]) -> dict[str, frozenset[str]]:
    """Return each directory with the projects that have files below it."""
    found: dict[str, frozenset[str]] = {}
    for path, place in files.items():
        parent = path.rpartition("/")[0]
        while parent and place.project not in found.get(parent, frozenset()):
            found[parent] = found.get(parent, frozenset()) | {place.project}
            parent = parent.rpartition("/")[0]
    return found
