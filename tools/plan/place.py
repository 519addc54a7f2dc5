"""The form in which each path of the tree ends up: a member, a name in the devel tree, or left out with a reason.

Of a library under three names, ``librocblas.so -> librocblas.so.5 -> librocblas.so.5.0.0``, of which only the last is a
file, a runtime wheel ships the SONAME alone, ``librocblas.so.5``, with the content of the file: wheels hold no links.
The other two are names in the devel tree, made as links when the SDK is initialized.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from posixpath import basename, dirname, join

from tools.plan.links import Astray, follow
from tools.plan.members import forwarder_member, source_member, stub_member
from tools.plan.model import LeftOut, Member
from tools.plan.overlay import MergedTree
from tools.plan.patterns import matches
from tools.plan.problem import Problem
from tools.plan.scope import Scope
from tools.plan.selection import ClaimedEntry, unversioned
from tools.plan.tree import TreeRow, form_in_tree


@dataclass(slots=True)
class Placement:
    """What placing a tree gave."""

    members: dict[str, list[Member]] = field(default_factory=dict)  # package -> members, below the platform package
    rows: list[TreeRow] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def place(tree: MergedTree, scope: Scope, generic: Iterable[TreeRow] = ()) -> Placement:
    """Return where every path of ``tree`` goes; ``generic`` are the generic artifacts' rows, for a family's tree."""
    placer = _Placer(tree, scope, {row.path: row for row in generic})
    blocked = placer.blocked()
    for path, source in tree.paths.items():
        if blocked and (top := next((top for top in (path, *_parents(path)) if top in blocked), None)):
            placer.leave_out(source, blocked[top])
        elif source.entry.kind == "file":
            placer.file(path, source)
        elif source.entry.kind == "link":
            placer.link(path, source)
        else:
            placer.leave_out(source, "an empty directory; wheels hold files only")
    return placer.placement


class _Placer:
    def __init__(self, tree: MergedTree, scope: Scope, generic: dict[str, TreeRow]) -> None:
        self.tree, self.scope, self.generic = tree, scope, generic
        self.placement = Placement()
        self.links = {
            path: f"//{row.target}" for path, row in generic.items() if row.kind == "link" and path not in tree.paths
        }
        self.links |= {path: s.entry.target for path, s in tree.paths.items() if s.entry.kind == "link"}
        self.directories = tree.directories | _directories(generic)
        self.forwarders = {package.name: package.forwarders for package in scope.specs.packages}
        self.also_in_lib = {package.name: package.also_in_lib for package in scope.specs.packages}
        self.unlinked: dict[str, str] = {}  # unversioned name that no artifact has -> the file it is made from

    def blocked(self) -> dict[str, str]:
        """Return what is a directory here and something else among the generic artifacts, or the other way round.

        Each with a sentence; the family's side of it, and what lies below, has no place in the devel tree.
        """
        here = sorted(self.tree.directories & self.generic.keys())
        there = sorted(_directories(self.generic) & self.tree.paths.keys())
        found = {}
        for path in [*here, *there]:
            found[path] = (
                f"a directory among the artifacts of {self.scope.family if path in here else 'every GPU'} and "
                f"a file or link among those of {'every GPU' if path in here else self.scope.family}; leave one out"
            )
        self.placement.problems += [Problem(reason, path) for path, reason in found.items()]
        return found

    # A file

    def file(self, path: str, source: ClaimedEntry) -> None:
        if not source.package:
            self.ship(self.scope.devel, path, source)
            return
        name = self.shipped_name(path, source)
        self.forward_without_link(name, source)
        if name == path:
            self.ship(source.package, path, source)
        elif self.tree.paths[name].entry.kind == "link":
            self.ship(source.package, name, source)
            self.alias(path, source, name)
        else:
            self.alias(path, source, name)

    def shipped_name(self, path: str, source: ClaimedEntry) -> str:
        """Return the path under which a file is shipped: a runtime library's SONAME beside it, if that leads to it."""
        wanted = self.scope.platform.library_name(source.entry)
        if not source.package or not wanted:
            return path
        name = join(dirname(path), wanted)
        other = self.tree.paths.get(name)
        if other is None or name == path:
            return path
        if other.entry.kind == "link":
            return name if follow(name, other.entry.target, self.links) == path else path
        return name if other.entry.sha256 == source.entry.sha256 else path

    def ship(self, package: str, path: str, source: ClaimedEntry) -> None:
        """Make the source a member of ``package`` under ``path``, and a file of the devel tree."""
        entry = source.entry
        if package == self.scope.devel and package not in self.scope.made:
            self.leave_out(source, f"{package} has no wheel for {self.scope.family} in this layout")
            return
        there = self.generic.get(path)
        if there is not None and self.clashes(package, path, source, there):
            return
        self.add_source(package, path, source)
        if matches(path, self.also_in_lib[package]):
            self.copy_to_lib(package, path, source)
        program = self.scope.platform.is_program(entry)
        if source.devel and there is None:
            kind = form_in_tree(path, program=program)
            self.placement.rows.append(TreeRow(path, kind, package, path, entry.sha256, program))

    def copy_to_lib(self, package: str, path: str, source: ClaimedEntry) -> None:
        """Ship a library in lib/, too: published programs need it by name and search no other directory."""
        name = join("lib", basename(path))
        known = [row.name for row in self.scope.specs.libraries if row.linux and matches(path, (row.linux,))]
        if known:
            reason = (
                f"also_in_lib of packages/{package}.toml copies it, but it has the short name {known[0]}: opened by "
                "two paths it would be loaded twice; take it out there"
            )
            self.placement.problems.append(Problem(reason, path))
        elif name in self.tree.paths or name in self.generic:
            reason = (
                f"an artifact has this path, and also_in_lib of packages/{package}.toml copies {path} to it; take it "
                "out there"
            )
            self.placement.problems.append(Problem(reason, name))
        else:
            self.add_source(package, name, source)

    def clashes(self, package: str, path: str, source: ClaimedEntry, there: TreeRow) -> bool:
        """Say whether a path of a family's tree must give way to the generic one; different bytes are a problem."""
        overlaid = self.scope.specs.package(package).overlays
        if overlaid is not None:
            reason = f"{there.package} ships this path too; a {package} wheel adds files to it and must not replace any"
            self.refuse(source, reason, f"{source.artifact}: {path}")
            return True
        if there.sha256 != source.entry.sha256:
            both = f"{source.artifact} and a generic artifact (in {there.package})"
            self.refuse(source, f"{both} ship different files under this path; leave one out", path)
            return True
        if package == self.scope.devel:
            self.leave_out(source, f"the same file as the generic one in {there.package}")
            return True
        return False

    # A link

    def link(self, path: str, source: ClaimedEntry) -> None:
        reached = follow(path, source.entry.target, self.links)
        if reached is Astray.LOOP:
            self.leave_out(source, f"a link to {source.entry.target}, which is part of a loop")
        elif isinstance(reached, Astray):
            reason = f"the link to {source.entry.target!r} {reached.value}; links must be relative and stay inside"
            self.refuse(source, reason, f"{source.artifact}: {path}")
        elif not reached:
            self.leave_out(
                source, f"a link to {source.entry.target}, which is the whole tree: whoever walks it would never end"
            )
        elif reached in self.directories:
            self.name_only(path, source, reached, f"a link to the directory {reached}; wheels hold no links")
        elif (target := self.tree.paths.get(reached)) is not None:
            self.link_to_file(path, source, reached, target)
        elif (row := self.generic.get(reached)) is not None:
            self.link_to_generic(path, source, row)
        else:
            self.leave_out(source, f"dangling: a link to {source.entry.target}, and nothing is at {reached}")

    def link_to_file(self, path: str, source: ClaimedEntry, reached: str, target: ClaimedEntry) -> None:
        name = self.shipped_name(reached, target)
        if path == name:
            return  # the file itself is shipped under this name
        if source.package:
            self.runtime_link(path, source, name, target)
        if source.devel:
            self.row_link(path, source, name)
        elif not source.package:
            self.leave_out(source, f"another name of {name}")

    def runtime_link(self, path: str, source: ClaimedEntry, name: str, target: ClaimedEntry) -> None:
        """Give a link of a runtime package a form that a wheel can hold."""
        opened = matches(path, self.forwarders[source.package])
        match self.scope.platform.link_form(path, name, target.entry, opened=opened):
            case "stub":
                self.stub(path, source, target.package, name)
            case "forwarder":
                self.forwarder(path, source, name)
            case "copy":
                self.add_source(source.package, path, target)
            case "name":
                reason = "which the loader finds by its SONAME; devel has the link"
                self.leave_out(source, f"another name of {name}, {reason}")

    def forward_without_link(self, name: str, source: ClaimedEntry) -> None:
        """Make a forwarder for an unversioned name that the specs know of, where no artifact has the link."""
        alias = unversioned(name)
        known = [pattern for pattern in self.forwarders.get(source.package, ()) if not pattern.startswith("**/")]
        wanted = alias != name and matches(alias, known)
        if (
            not wanted
            or not self.scope.platform.library_name(source.entry)
            or alias in self.tree.paths
            or alias in self.generic
        ):
            return
        other = self.unlinked.setdefault(alias, name)
        if other != name:
            reason = (
                f"programs open this name, and {other} and {name} are both there; leave one out, or add the link to "
                "the artifact"
            )
            self.placement.problems.append(Problem(reason, alias))
        elif not any(member.path.endswith(f"/{alias}") for member in self.placement.members.get(source.package, [])):
            self.forwarder(alias, source, name)

    def forwarder(self, path: str, source: ClaimedEntry, name: str) -> None:
        """Put a library in the link's place that loads the one beside it."""
        if source.package in self.scope.made:
            self.member(source.package, forwarder_member(self.scope, source.package, path, basename(name)))

    def link_to_generic(self, path: str, source: ClaimedEntry, row: TreeRow) -> None:
        if source.package and row.program and self.scope.platform.has_stubs:
            self.stub(path, source, row.package, row.target)
        elif source.package:
            self.leave_out(source, f"a link to {row.path}, which {row.package} ships")
        if source.devel:
            self.row_link(path, source, row.path)

    def stub(self, path: str, source: ClaimedEntry, package: str, name: str) -> None:
        """Put a program in the link's place that runs the one it leads to."""
        if package not in {source.package, *self.scope.required(source.package)}:
            where = f"in {package}, which {source.package} does not require" if package else "not in a runtime package"
            self.leave_out(source, f"a link to the program {name}, {where}")
            return
        if source.package in self.scope.made:
            self.member(source.package, stub_member(self.scope, source.package, path, (package, name)))

    # What comes of it

    def add_source(self, package: str, path: str, source: ClaimedEntry) -> None:
        """Make a path of a package the source's content, with its RPATH edited where that is needed."""
        if package in self.scope.made:  # else the wheel of a family takes this generic file, and its plan has it
            self.member(package, source_member(self.scope, package, path, source))

    def member(self, package: str, member: Member) -> None:
        self.placement.members.setdefault(package, []).append(member)

    def alias(self, path: str, source: ClaimedEntry, name: str) -> None:
        self.name_only(path, source, name, f"shipped as {name}, its SONAME; devel has this name as a link")

    def name_only(self, path: str, source: ClaimedEntry, target: str, reason: str) -> None:
        """Leave a name out of the runtime wheels and keep it as a link in the devel tree."""
        if source.package or not source.devel:
            self.leave_out(source, reason)
        if source.devel:
            self.row_link(path, source, target)

    def row_link(self, path: str, source: ClaimedEntry, target: str) -> None:
        if target in self.directories and not self.scope.platform.links_directories:
            self.leave_out(source, f"a link to the directory {target}, which few users of the platform may make")
            return
        there = self.generic.get(path)
        if there is None:
            self.placement.rows.append(TreeRow(path, "link", source.package or self.scope.devel, target))
        elif (there.kind, there.target) != ("link", target):
            other = f"something else in a generic artifact (in {there.package})"
            self.refuse(source, f"a link to {target} in {source.artifact} and {other}; leave one of them out", path)

    def refuse(self, source: ClaimedEntry, reason: str, culprit: str) -> None:
        """Leave a path out for a reason that stops a strict build."""
        self.leave_out(source, reason)
        self.placement.problems.append(Problem(reason, culprit))

    def leave_out(self, source: ClaimedEntry, reason: str) -> None:
        self.placement.left_out.append(LeftOut(artifact=source.artifact, path=source.entry.path, reason=reason))


def _parents(path: str) -> Iterator[str]:
    while path := dirname(path):
        yield path


def _directories(paths: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for path in paths:
        parent = dirname(path)
        while parent and parent not in found:
            found.add(parent)
            parent = dirname(parent)
    return found
