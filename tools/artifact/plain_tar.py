"""A plain tar on the disk, and where in it the files of an artifact are."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec

from tools.artifact.span import Span, Stamp, stamp_of
from tools.artifact.tar import read_members
from tools.artifact.tar_tree import Member
from tools.errors import InputChanged, UserError
from tools.files import write_bytes
from tools.values import decode_json, encode_json

PLACES = ".places"  # behind the tar's name: where its files are, so that its headers are read once


class Place(NamedTuple):
    """Where a file is in a tar."""

    offset: int
    size: int


class _Places(msgspec.Struct, frozen=True):
    tar: Stamp  # of another tar than this, the rest means nothing
    files: dict[str, Place]


@dataclass(frozen=True, slots=True)
class PlainTar:
    """A tar as it was at one moment."""

    file: str
    stamp: Stamp
    place: str  # of the archive that it was made of, which messages name
    places_file: Path
    sha256: str | None  # of that archive, where its sidecar says it

    def span(self, path: str, offset: int, size: int) -> Span:
        """Return the span of a file."""
        return Span(self.file, offset, size, self.stamp[1], f"{self.place}/{path}", self.stamp)

    def identity(self, offset: int, size: int) -> tuple[object, ...]:
        """Return what the bytes at a place are told by: the archive's digest, else the tar."""
        return (self.sha256 or self.stamp, offset, size)

    def members(self) -> list[Member]:
        """Read the headers.

        :raises UserError: when it is no tar, or holds what has no place in an artifact.
        """
        try:
            return read_members(Path(self.file))
        except UserError as error:
            raise UserError(str(error).replace(self.file, self.place, 1)) from None

    def keep_places(self, members: Sequence[Member]) -> None:
        """Write down where the files are; their names must be UTF-8."""
        write_bytes(self.places_file, encode_json(_Places(self.stamp, places_of(members))))

    def kept_places(self) -> dict[str, Place] | None:
        """Return where each file is, as it was written down; None where nothing was of this tar."""
        try:
            kept = decode_json(self.places_file.read_bytes(), _Places)
        except (OSError, ValueError):
            return None
        return kept.files if kept.tar == self.stamp else None


def plain_tar(tar: Path, place: str, places_file: Path, sha256: str | None) -> PlainTar:
    """Return the tar as it is now, a link followed.

    :raises InputChanged: when it is gone.
    """
    try:
        stamp = stamp_of(os.stat(tar))  # noqa: PTH116 - as everywhere where stamps are taken
    except OSError:
        raise InputChanged(f"{tar}: disappeared; run again") from None
    return PlainTar(os.path.realpath(tar), stamp, place, places_file, sha256)


def places_of(members: Sequence[Member]) -> dict[str, Place]:
    """Return where each file is."""
    return {member.path: Place(member.offset, member.size) for member in members if member.kind == "file"}
