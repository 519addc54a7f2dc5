"""One package on its way into an environment: what is known of it there, and what has to change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from tools.develop.difference import Difference, difference
from tools.develop.environment import Environment
from tools.develop.holding import alias_of, paths_before, stamps
from tools.develop.model import Held, Item, Package, State
from tools.develop.part import Known
from tools.values import write_json
from tools.wheel.record import record_text


@dataclass(slots=True)
class Todo:
    """What is known, and what has to change."""

    package: Package
    known: Known
    directories: list[str]  # its ``.dist-info`` directories, as found
    before: set[str]  # all paths that belong to it as it is
    difference: Difference
    is_ours: bool  # RECORD is the one that the last run left
    alias: str  # the runtime's link to the devel tree of this package, "" where it leads elsewhere

    @property
    def is_done(self) -> bool:
        """Say whether nothing has to change."""
        return self.is_ours and not self.known.state.begun and not any(self.difference)

    @property
    def is_fresh(self) -> bool:
        """Say whether the package is not there yet."""
        return not self.directories

    @property
    def put(self) -> list[Item]:
        """What has to be put, metadata apart."""
        return [item for item in self.difference.put if not self._is_metadata(item)]

    @property
    def metadata(self) -> list[Item]:
        """The metadata that has to be put, but RECORD."""
        return [item for item in self.difference.put if self._is_metadata(item)]

    def begin(self, links: Iterable[str]) -> None:
        """Write down what a run may put there, before it does, and which ``links`` lead to what it replaces."""
        state = self.known.state
        paths = {*state.begun, *links, *self.difference.gone, *(item.path for item in self.difference.put)}
        held = {path: one for path, one in state.held.items() if path != self.package.record}
        write_json(self.known.file, State(held=held, begun=tuple(sorted(paths))))

    def record(self, held: dict[str, Held]) -> Item:
        """Return RECORD. The root of a devel tree and its alias have rows, so that an uninstall takes links along."""
        text = record_text((one.row(path) for path, one in held.items()), self.package.record)
        text += "".join(f"{path},,\n" for path in (self.package.tree, self.alias) if path)
        content = text.encode()
        return Item(self.package.record, False, sha256(content).hexdigest(), len(content), None, content)

    def end(self, held: dict[str, Held]) -> None:
        """Write down what is there now, RECORD included."""
        package, known = self.package, self.known
        known.state = State(held=held, made_from=known.made_from, dist_info=package.dist_info, tree=package.tree)
        write_json(known.file, known.state)

    def _is_metadata(self, item: Item) -> bool:
        return item.path.startswith(f"{self.package.dist_info}/")


def todo_of(environment: Environment, known: Known, package: Package, directories: list[str]) -> Todo:
    """Return what has to change for a package."""
    held = known.state.held
    found = stamps(environment, [*package.items, package.record])
    record = held.get(package.record)
    is_ours = record is not None and record.stamp == found[package.record] and directories == [package.dist_info]
    before = paths_before(environment, package, directories, known.state, is_ours=is_ours)
    alias = alias_of(environment, package.tree) if package.tree else ""
    before.discard(alias)
    return Todo(package, known, directories, before, difference(package.items, held, found, before), is_ours, alias)
