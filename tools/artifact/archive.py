"""An artifact that is an archive: its files are spans of a plain tar, which is made when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tools.artifact.manifest import LARGEST, MANIFEST, parse_base_dirs
from tools.artifact.span import Span, not_as_recorded, read_small
from tools.artifact.unpack import Packed, is_unpacked, unpack
from tools.errors import UserError
from tools.values import decode_json

if TYPE_CHECKING:
    from tools.artifact.model import Identity, Scan
    from tools.artifact.plain_tar import Place, PlainTar
    from tools.artifact.tar_tree import Member


class _State(msgspec.Struct, frozen=True):
    """The state of an archive. Whether its bytes are the same the digest tells, where there is a sidecar."""

    archive: str  # name of its file, with its form
    state: str  # of the file
    sha256: str | None  # what its sidecar says


@dataclass(slots=True)
class ArchiveArtifact:
    """An artifact in an archive; tools.artifact.model says what the methods do. Nothing was looked at yet."""

    name: str
    place: str  # a path or a URL
    look: Callable[[], Packed]  # looks at the archive and its sidecar
    tars: Path  # directory for the tar
    strict: bool = False  # refuse an archive without a sidecar
    told: Callable[[int], object] | None = None  # is told how many bytes more of a tar were written
    _packed: Packed | None = field(default=None, init=False)
    _tar: PlainTar | None = field(default=None, init=False)
    _members: list[Member] | None = field(default=None, init=False)
    _places: dict[str, Place] | None = field(default=None, init=False)

    @property
    def is_packed(self) -> bool:
        """Say yes."""
        return True

    def base_dirs(self) -> tuple[str, ...]:
        """Read the manifest in the tar."""
        span = self.find(MANIFEST)
        if span is None:
            raise UserError(
                f"{self.place}: has no {MANIFEST}; every artifact has this file, with one relative base dir a line"
            )
        return parse_base_dirs(read_small(span._replace(size=min(span.size, LARGEST + 1))), span.place)

    def scan(self) -> Scan:
        """Make the tar and go over its headers."""
        from tools.artifact.model import Scan
        from tools.artifact.tar_scan import found_in

        tar, members = self._open(), self._all_members()
        base_dirs = self.base_dirs()
        found = found_in(tar, members, base_dirs)
        tar.keep_places(members)
        return Scan(base_dirs, found, self._state(self._look()), is_unverified=tar.sha256 is None)

    def state(self) -> bytes:
        """Look at the archive and its sidecar."""
        return self._state(self.look())

    def identity(self) -> Identity | None:
        """Go by the digest beside the archive, or by what its bucket says where no digest has to be there."""
        from tools.artifact.model import Identity

        packed = self.look()
        if packed.content is None or (self.strict and packed.sha256 is None):
            return None
        return Identity(packed.content, self._state(packed), packed.sha256 is None)

    def changes(self, before: bytes) -> tuple[str, ...]:
        """Compare the archive's state: that is all that can be told without fetching it."""
        then = decode_json(before, _State)
        return () if before == self.state() else (then.archive,)

    def identities(self, before: bytes) -> Mapping[str, Hashable]:
        """Return those of now if the archive has the digest that it had."""
        then = decode_json(before, _State)
        tar = self._open()
        if tar.sha256 is None or then.sha256 != tar.sha256:
            raise ValueError("another archive")
        return {path: tar.identity(*place) for path, place in self._all_places().items()}

    def span(self, path: str, size: int) -> Span:
        """Return where the tar has the file."""
        span = self.find(path)
        if span is None or span.size != size:
            raise not_as_recorded(Span("", 0, size, size, f"{self.place}/{path}"))
        return span

    def find(self, path: str) -> Span | None:
        """Look the file up; a link is none."""
        place = self._all_places().get(path)
        return self._open().span(path, *place) if place else None

    def unpack(self) -> None:
        """Make the tar, if it is not there."""
        self._open()

    def is_unpacked(self) -> bool:
        """Say whether the tar is there."""
        return is_unpacked(self._look(), self.tars)

    def _state(self, packed: Packed) -> bytes:
        return msgspec.json.encode(_State(packed.name, packed.state, packed.sha256)) + b"\n"

    def _look(self) -> Packed:
        if self._packed is None:
            self._packed = self.look()
        return self._packed

    def _open(self) -> PlainTar:
        if self._tar is None:
            from tools.artifact.plain_tar import PLACES, plain_tar

            packed = self._look()
            tar, _ = unpack(packed, self.tars, strict=self.strict, told=self.told)
            places_file = self.tars / f"{self.name}.tar{PLACES}"
            self._tar = plain_tar(tar, self.place, places_file, packed.sha256)
        return self._tar

    def _all_members(self) -> list[Member]:
        if self._members is None:
            self._members = self._open().members()
        return self._members

    def _all_places(self) -> dict[str, Place]:
        if self._places is None:
            from tools.artifact.plain_tar import places_of

            kept = self._open().kept_places() if self._members is None else None
            self._places = places_of(self._all_members()) if kept is None else kept
        return self._places
