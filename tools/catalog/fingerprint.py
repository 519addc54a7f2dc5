"""What a file holds: digests and facts, from one pass over its bytes."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from typing import NamedTuple

import deflate

from tools.artifact.walk import Row
from tools.catalog.model import ElfFacts
from tools.elf.facts import read_elf_facts
from tools.errors import InputChanged, UserError
from tools.workers.kept import SMALL, Kept

BLOCK = 1 << 20  # bytes read at a time
# A path that became a link since the walk is not followed, and one that became a FIFO does not block.
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Fingerprint(NamedTuple):
    """What a file holds, whatever its name; the fields mean what they do in a catalog's Entry."""

    sha256: str
    crc32: int
    script: bool
    elf: ElfFacts | None


def fingerprint(root: str, row: Row, kept: Kept | None = None) -> Fingerprint:
    """Return what the file of ``row`` holds; ``root`` ends in "/" and is what its path is relative to.

    The content of a small file goes into ``kept``, for the job that compresses it.
    :raises InputChanged: when it is not, or no longer, the file that ``row`` describes.
    :raises UserError: when it is a damaged ELF file; the text says how, and leaves the place to the caller.
    :raises OSError: when it cannot be read.
    """
    path, size = root + row[0], row[2]
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        raise _unopened(path, error) from None
    try:
        first = os.read(descriptor, size if size < SMALL else SMALL)
        sha256 = hashlib.sha256(first)
        crc32 = deflate.crc32(first, 0)
        if size > SMALL:
            crc32 = _digest_rest(descriptor, size - len(first), sha256, crc32)
        damage = elf = None
        if first.startswith(b"\x7fELF"):
            elf, damage = _elf(descriptor, first, size)
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    if row[1:] != (after.st_mode, after.st_size, after.st_mtime_ns, after.st_ctime_ns, after.st_ino):
        raise changed(path, "changed")
    if damage is not None:
        raise damage
    digest = sha256.hexdigest()
    if kept and size <= SMALL:
        kept.keep(digest, first)
    return Fingerprint(digest, crc32, first.startswith(b"#!"), elf)


def changed(path: str, how: str) -> InputChanged:
    """Return the error about a path that "changed" or "disappeared" since the walk."""
    return InputChanged(f"{path}: {how} while it was read; run again when nothing writes to it")


def _unopened(path: str, error: OSError) -> Exception:
    if isinstance(error, FileNotFoundError):
        return changed(path, "disappeared")
    if error.errno == errno.ELOOP:  # a link: O_NOFOLLOW
        return changed(path, "changed")
    return error


def _digest_rest(descriptor: int, left: int, sha256: hashlib._Hash, crc32: int) -> int:
    """Hash what follows in the file and return the CRC of all of it."""
    block = memoryview(bytearray(BLOCK))
    while left and (count := os.readv(descriptor, [block[:left]])):
        sha256.update(block[:count])
        crc32 = deflate.crc32(block[:count], crc32)
        left -= count
    return crc32


def _elf(descriptor: int, first: bytes, size: int) -> tuple[ElfFacts | None, UserError | None]:
    try:
        if len(first) == size:
            return read_elf_facts(io.BytesIO(first), size), None
        with open(descriptor, "rb", closefd=False) as file:
            return read_elf_facts(file, size), None
    except UserError as error:
        return None, error
