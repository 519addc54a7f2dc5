"""A compressed archive becomes a plain tar, its SHA-256 compared on the way."""

from __future__ import annotations

import errno
import hashlib
import lzma
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from tools.artifact.zstd import zstd
from tools.errors import UserError
from tools.files import atomic_write

READ = 1 << 20  # bytes of an archive on the disk read at a time
FED = 1 << 17  # bytes that a decompressor is given at a time: more of them only move, 1.4 times the CPU with 1 MiB
WRITTEN = 1 << 20  # bytes that are written at a time, at most
MEMORY = 1 << 28  # bytes that lzma may use: xz -9 needs 65 MiB (xz(1))
RATIO = 200  # of a tar to its archive; binaries and headers reach 10, zeros 30,000
SPARED = 1 << 28  # bytes of a tar that are never a bomb

Told = Callable[[int], object]  # is told how many bytes more were written


class Decompressor(Protocol):
    """What lzma and zstd have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /, max_length: int = -1) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """What a finished tar is made of."""

    sha256: str  # of the archive
    size: int  # bytes of the archive
    tar_size: int  # bytes of the tar


def blocks_of(archive: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, a mebibyte at a time.

    :raises UserError: when it cannot be read.
    """
    try:
        with archive.open("rb", buffering=0) as file:
            while block := file.read(READ):
                yield block
    except OSError as error:
        raise UserError(f"{archive}: cannot be read: {error.strerror}") from None


def decompress(
    blocks: Iterable[bytes],
    tar: Path,
    *,
    form: str,
    place: str,
    size: int,
    sha256: str | None,
    told: Told | None = None,
) -> Unpacked:
    """Write the tar that ``blocks``, ``size`` bytes, hold in ``form``: ".tar.zst", ".tar.xz" or ".tar".

    The archive may come from anywhere and is not kept; ``place`` is for messages. On any failure nothing has the
    name ``tar``.

    :raises UserError: when the archive is damaged, cut short or a bomb, is not what ``sha256`` says, or does not fit
        on the disk.
    """
    archive = _Archive(blocks, place, limit=max(SPARED, size * RATIO))
    pieces = archive.pieces() if form == ".tar" else _decompressed(archive, _makers()[form])
    try:
        with atomic_write(tar) as file:
            tar_size = _write(pieces, file, archive, tar, told)
            archive.check(sha256)
    except (zstd.ZstdError, lzma.LZMAError, EOFError) as error:
        archive.drain()
        archive.check(sha256)  # which says more than what the decompressor stumbled over
        raise UserError(f"{place}: is damaged ({error}); fetch or make it again") from None
    return Unpacked(sha256=archive.sha256, size=archive.size, tar_size=tar_size)


def hashed(blocks: Iterable[bytes], *, place: str, sha256: str | None) -> str:
    """Return the SHA-256 of ``blocks``.

    :raises UserError: when it is not ``sha256``.
    """
    archive = _Archive(blocks, place, limit=0)
    archive.drain()
    archive.check(sha256)
    return archive.sha256


class _Archive:
    """Compressed bytes on their way: what has gone by is counted and hashed."""

    def __init__(self, blocks: Iterable[bytes], place: str, limit: int) -> None:
        self._blocks, self._hash = iter(blocks), hashlib.sha256()
        self.place, self.size = place, 0
        self.limit = limit  # bytes of a tar that are no bomb

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def pieces(self) -> Iterator[bytes]:
        for block in self._blocks:
            self._hash.update(block)
            self.size += len(block)
            for start in range(0, len(block), FED):
                yield block[start : start + FED]

    def drain(self) -> None:
        for _ in self.pieces():
            pass

    def check(self, sha256: str | None) -> None:
        if sha256 is not None and sha256 != self.sha256:
            raise UserError(
                f"{self.place}: has the SHA-256 {self.sha256}, its sidecar says {sha256}; it is damaged, or one of the "
                f"two is of another build: fetch or make both again"
            )


def _makers() -> dict[str, Callable[[], Decompressor]]:
    return {
        ".tar.zst": zstd.ZstdDecompressor,
        ".tar.xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY),
    }


def _decompressed(archive: _Archive, make: Callable[[], Decompressor]) -> Iterator[bytes]:
    """Yield what all frames hold: a decompressor is done after the first, and does not say when one is cut short."""
    decompressor = make()
    for piece in archive.pieces():
        data = piece
        while True:
            if decompressor.eof:
                data = data.lstrip(b"\0") if isinstance(decompressor, lzma.LZMADecompressor) else data  # padding
                if not data:
                    break
                decompressor = make()
            yield decompressor.decompress(data, max_length=WRITTEN)
            if decompressor.eof:
                data = decompressor.unused_data
            elif decompressor.needs_input:
                break
            else:
                data = b""
    if not decompressor.eof:
        raise EOFError(f"it ends after {archive.size:,} bytes, in the middle")


def _write(pieces: Iterable[bytes], file: BinaryIO, archive: _Archive, tar: Path, told: Told | None) -> int:
    """Return how many bytes were written. On a full disk the rest is counted, to tell what is needed."""
    size, full = 0, False
    descriptor = file.fileno()
    for piece in pieces:
        size += len(piece)
        if size > archive.limit:
            raise UserError(
                f"{archive.place}: holds more than {archive.limit:,} bytes, {RATIO} times its own, which no artifact "
                f"does; pack it as .tar if it is right"
            )
        if not full:
            full = not _put(descriptor, piece)
        if told and not full:
            told(len(piece))
    if full:
        os.ftruncate(descriptor, 0)
        raise UserError(f"{tar}: no space left: {_needed(tar, size)}")
    return size


def _put(descriptor: int, piece: bytes) -> bool:
    """Write it all, and say whether there was room."""
    view = memoryview(piece)
    try:
        while view:
            view = view[os.write(descriptor, view) :]
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            with suppress(OSError):
                os.ftruncate(descriptor, 0)
            return False
        raise
    return True


def _needed(tar: Path, size: int) -> str:
    facts = os.statvfs(tar.parent)
    free = facts.f_bavail * facts.f_frsize
    return (
        f"it takes {size:,} bytes, and {free:,} are free; make room, remove tars in {tar.parent} while no build is "
        f"under way, or set build_dir to a larger disk"
    )
