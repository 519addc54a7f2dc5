"""What an artifact is to the rest: its base dirs, its state, and what a scan finds, whatever kind of thing holds it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import msgspec

from tools.artifact.span import Span


class Found(msgspec.Struct, frozen=True, gc=False):
    """One path of an artifact. Equal artifacts give equal ones but for the span and the identity."""

    base: int  # index in Scan.base_dirs
    path: str  # POSIX, relative to the base dir
    kind: Literal["file", "link", "dir"]  # dir: an empty directory
    mode: int = 0  # of a file: 0o755 if anybody may execute it, else 0o644; 0 for links and directories
    size: int = 0  # bytes of a file
    target: str = ""  # of a link, as stored
    span: Span | None = None  # of a file: where its bytes are, with a stamp
    identity: tuple[object, ...] = ()  # of a file: two with equal ones hold the same bytes, now and earlier


class Identity(NamedTuple):
    """By what an artifact is known on another machine, too: nothing of it was read."""

    content: str  # equal ones mean equal bytes
    state: bytes  # of the artifact at this moment
    is_unverified: bool  # as of a scan


@dataclass(frozen=True, slots=True)
class Scan:
    """What an artifact holds, as it was at one moment."""

    base_dirs: tuple[str, ...]  # as artifact_manifest.txt lists them; in one that does not exist nothing is found
    found: list[Found]  # in order of (base, path)
    state: bytes  # for a later :meth:`Artifact.state` to be compared with
    is_unverified: bool = False  # it is an archive, and no digest tells whether its bytes are those that were made

    def path_of(self, found: Found) -> str:
        """Return the path from the artifact's top."""
        return f"{self.base_dirs[found.base]}/{found.path}"


class Artifact(Protocol):
    """An artifact, opened: nothing of it was read yet."""

    @property
    def name(self) -> str:
        """NAME_COMPONENT_FAMILY, whatever file or directory holds it."""

    @property
    def place(self) -> str:
        """What messages call it."""

    @property
    def is_packed(self) -> bool:
        """Whether it is an archive: to read anything of it, it may have to be fetched and unpacked."""

    def unpack(self) -> None:
        """Make it ready to be read, which otherwise happens when that is needed.

        :raises UserError: when it cannot be fetched or unpacked.
        """

    def is_unpacked(self) -> bool:
        """Say whether it is ready.

        :raises UserError: when that cannot be found out.
        """

    def base_dirs(self) -> tuple[str, ...]:
        """Return what its manifest lists.

        :raises UserError: when the manifest cannot be read or makes no sense.
        """

    def scan(self) -> Scan:
        """Return what it holds, once nothing of it can change without changing its state; no member is read.

        :raises UserError: when something cannot be packaged; all culprits are named.
        :raises InputChanged: when something disappears meanwhile.
        """

    def state(self) -> bytes:
        """Return its state: equal ones mean that nothing changed. Quick: nothing is opened.

        :raises UserError: when that cannot be found out.
        """

    def identity(self) -> Identity | None:
        """Return by what it is known elsewhere; None where that takes reading it. Quick, as ``state``.

        :raises UserError: when that cannot be found out.
        """

    def changes(self, before: bytes) -> tuple[str, ...]:
        """Return the paths that were added, removed or changed since it had the state ``before``, sorted.

        :raises UserError: when it cannot be looked at.
        :raises ValueError: when ``before`` is no state of such an artifact.
        """

    def identities(self, before: bytes) -> Mapping[str, Hashable]:
        """Return path (from the artifact's top) -> :attr:`Found.identity` of what it held in the state ``before``.

        :raises ValueError: when ``before`` is no state of such an artifact.
        """

    def span(self, path: str, size: int) -> Span:
        """Return where the file ``path`` (from the artifact's top) is, which the catalog says has ``size`` bytes.

        :raises InputChanged: when it is not there any more.
        """

    def find(self, path: str) -> Span | None:
        """Return where the file ``path`` (from the artifact's top) is, with a stamp; None when there is none."""
