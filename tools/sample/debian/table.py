"""The table of Debian's packages: packages.toml as typed values."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

Component = Literal["lib", "run", "dev", "doc"]
When = Literal["always", "bulk", "large"]


class Artifact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An artifact that is made, once or once a family; the first of its components takes what is left."""

    per: Literal["generic", "family"] = "generic"
    components: tuple[Component, ...]


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Debian packages that land in one base dir of one artifact."""

    packages: tuple[str, ...]
    artifact: str
    base: str
    place: str = "rocm"  # row of Table.places
    when: When = "always"
    only: tuple[str, ...] = ("*",)  # patterns over Debian's paths


class Links(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Symbolic links that Debian's packages lack: path -> target."""

    artifact: str
    component: Component
    base: str
    to: dict[str, str]


class Text(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A small file that Debian's packages lack."""

    path: str
    artifact: str
    component: Component
    base: str
    text: str


class Edit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One replacement in one file; ``old`` must occur there."""

    path: str
    old: str
    new: str


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is known of Debian's packages."""

    version: str
    families: tuple[str, ...]
    system: frozenset[str]
    left_out: tuple[str, ...]
    components: tuple[tuple[str, Component], ...]
    targets: dict[str, tuple[str, ...]]
    places: dict[str, tuple[tuple[str, str], ...]]
    artifacts: dict[str, Artifact]
    groups: tuple[Group, ...]
    links: tuple[Links, ...]
    texts: tuple[Text, ...]
    edits: tuple[Edit, ...]

    def selected(self, *, bulk: bool, large: bool) -> Iterator[tuple[str, Group]]:
        """Yield each package that is wanted, with its group, in the table's order."""
        wanted = {"always"} | ({"bulk"} if bulk else set()) | ({"large"} if large else set())
        for group in self.groups:
            if group.when in wanted:
                yield from ((package, group) for package in group.packages)

    def bases(self, artifact: str) -> list[str]:
        """Return the base dirs of the artifact, sorted."""
        own = {links.base for links in self.links if links.artifact == artifact}
        own |= {text.base for text in self.texts if text.artifact == artifact}
        return sorted(own | {group.base for group in self.groups if group.artifact == artifact})


def read_table() -> Table:
    """Return the table that is shipped beside this module."""
    return msgspec.toml.decode(Path(__file__).with_name("packages.toml").read_bytes(), type=Table)
