"""The plain tar of an archive: made at first need, once, and made anew when the archive is another one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tools.artifact.decompress import Told, blocks_of, decompress, hashed
from tools.artifact.form import FORMS, artifact_of, form_of
from tools.artifact.once import alone_with
from tools.artifact.sidecar import read_sidecar
from tools.artifact.span import stamp_of
from tools.artifact.state import settle
from tools.errors import InputChanged, UserError
from tools.files import remove_leftovers_of, write_bytes
from tools.values import decode_json, encode_json

STAMP = ".json"  # behind the tar's name: what it was made of


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """What a tar was made of, and how large it is."""

    state: str  # of the archive, in words of whoever asks
    sha256: str  # of the archive
    verified: bool  # whether a sidecar said so
    tar_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """An archive that can be read, wherever it is."""

    name: str  # of the file, with its form
    place: str  # for messages: a path or a URL
    state: str  # changes whenever the archive does
    size: int  # bytes
    sha256: str | None  # what its sidecar says; None without one
    content: str | None  # what tells its bytes from all others, wherever they are; None where nothing does
    blocks: Callable[[], Iterable[bytes]]  # its bytes, from the start
    tar: Path | None = None  # itself, where it is a plain tar on the disk


def local_archive(archive: Path) -> Packed:
    """Return an archive of the disk with its sidecar.

    :raises UserError: when one of the two cannot be read, or the sidecar is not of this archive.
    """
    facts, sha256 = _stat(archive), read_sidecar(archive)
    return Packed(
        name=archive.name,
        place=str(archive),
        state=f"{facts} {sha256}",
        size=int(facts.partition(" ")[0]),
        sha256=sha256,
        content=sha256,
        blocks=lambda: _unchanged(archive),
        tar=archive if form_of(archive.name) == ".tar" else None,
    )


def unpack(packed: Packed, directory: Path, *, strict: bool = False, told: Told | None = None) -> tuple[Path, Stamp]:
    """Return the plain tar in ``directory``, made now if it is not there, and what it was made of.

    One that is on the disk already is hashed once and read where it is; its stamp alone goes to ``directory``. Any
    number of threads and processes may ask for one tar: the first makes it, and the others wait.

    :raises UserError: when the archive cannot be read or is not what its sidecar says, and when it has none and
        ``strict`` is true: nothing else would show damage.
    :raises InputChanged: when the archive changes while it is read.
    """
    tar, stamp_file = _files(packed, directory)
    if stamp := made_of(tar, stamp_file, packed.state):
        return tar, stamp
    if strict and packed.sha256 is None:
        raise UserError(
            f"{packed.place}: has no {packed.name}.sha256sum beside it, and without one damage cannot be seen; "
            f"add it, or set strict=no"
        )
    with alone_with(stamp_file):
        stamp = made_of(tar, stamp_file, packed.state)
        if stamp is None:
            stamp_file.unlink(missing_ok=True)
            stamp = _check(packed) if packed.tar else _make(packed, tar, told)
            write_bytes(stamp_file, encode_json(stamp))  # last: a tar without it counts for nothing
    return tar, stamp


def is_unpacked(packed: Packed, directory: Path) -> bool:
    """Say whether :func:`unpack` would find its work done."""
    tar, stamp_file = _files(packed, directory)
    return made_of(tar, stamp_file, packed.state) is not None


def made_of(tar: Path, stamp_file: Path, state: str) -> Stamp | None:
    """Return what a tar was made of; None where it is not there, or was made of anything but ``state``."""
    try:
        stamp = decode_json(stamp_file.read_bytes(), Stamp)
        whole = tar.stat().st_size == stamp.tar_size
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return stamp if whole and stamp.state == state else None


def _files(packed: Packed, directory: Path) -> tuple[Path, Path]:
    tar = directory / f"{artifact_of(packed.name)}.tar"
    return packed.tar or tar, tar.with_name(tar.name + STAMP)


def _make(packed: Packed, tar: Path, told: Told | None) -> Stamp:
    form = form_of(packed.name)
    if form is None:
        raise UserError(f"{packed.place}: is no archive; their names end in {', '.join(FORMS)}")
    tar.unlink(missing_ok=True)
    remove_leftovers_of(tar)
    made = decompress(
        packed.blocks(),
        tar,
        form=form,
        place=packed.place,
        size=packed.size,
        sha256=packed.sha256,
        told=told,
    )
    return _stamp(packed, made.sha256, made.tar_size)


def _check(packed: Packed) -> Stamp:
    sha256 = hashed(packed.blocks(), place=packed.place, sha256=packed.sha256)
    return _stamp(packed, sha256, packed.size)


def _stamp(packed: Packed, sha256: str, tar_size: int) -> Stamp:
    return Stamp(state=packed.state, sha256=sha256, verified=packed.sha256 is not None, tar_size=tar_size)


def _unchanged(archive: Path) -> Iterable[bytes]:
    """Yield the bytes of an archive, and raise at the end where it is not the one that it was at the start.

    It waits first until a file that is written again shows that.
    """
    before = _stat(archive)
    settle([("", *stamp_of(os.stat(archive)))])  # noqa: PTH116
    yield from blocks_of(archive)
    if _stat(archive) != before:
        raise InputChanged(f"{archive}: changed while it was read; run again")


def _stat(archive: Path) -> str:
    """Return what tells the archive from another one; the device only where its directory is on another."""
    try:
        facts = os.stat(archive)  # noqa: PTH116 - one form for a path and a link
        device = 0 if facts.st_dev == os.stat(archive.parent).st_dev else facts.st_dev  # noqa: PTH116
    except OSError as error:
        raise UserError(f"{archive}: cannot be read: {error.strerror}") from None
    return f"{facts.st_size} {facts.st_mtime_ns} {facts.st_ctime_ns} {facts.st_ino} {device}"
