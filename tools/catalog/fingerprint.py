"""What a file holds: digests and facts, from one pass over its bytes."""

from __future__ import annotations

import hashlib
import io
import os
from typing import NamedTuple, cast

import deflate

from tools.artifact.span import Span, as_file, check_scanned, open_scanned, read_into, read_scanned
from tools.elf.facts import read_elf_facts
from tools.elf.model import ElfFacts
from tools.errors import UserError
from tools.workers.kept import SMALL, Kept

BLOCK = 1 << 20  # bytes read at a time


class Fingerprint(NamedTuple):
    """What a file holds, whatever its name; the fields mean what they do in a catalog's Entry."""

    sha256: str
    crc32: int
    script: bool
    elf: ElfFacts | None


def fingerprint(span: Span, kept: Kept | None = None) -> Fingerprint:
    """Return what a file holds that a scan has just seen.

    The content of a small file goes into ``kept``, for the job that compresses it.
    :raises InputChanged: when it is not, or no longer, what the scan saw.
    :raises UserError: when it is a damaged ELF file; the text says how, and leaves the place to the caller.
    :raises OSError: when it cannot be read.
    """
    size = span.size
    descriptor = open_scanned(span)
    try:
        first = read_scanned(descriptor, span, 0, size if size < SMALL else SMALL)
        sha256 = hashlib.sha256(first)
        crc32 = deflate.crc32(first, 0)
        if size > SMALL:
            crc32 = _digest_rest(descriptor, span, sha256, crc32)
        damage = elf = None
        if first.startswith(b"\x7fELF"):
            elf, damage = _elf(descriptor, first, span)
        check_scanned(descriptor, span)
    finally:
        os.close(descriptor)
    if damage is not None:
        raise damage
    digest = sha256.hexdigest()
    if kept and size <= SMALL:
        kept.keep(digest, first)
    return Fingerprint(digest, crc32, first.startswith(b"#!"), elf)


def _digest_rest(descriptor: int, span: Span, sha256: hashlib._Hash, crc32: int) -> int:
    """Hash what follows the first block and return the CRC of all of it."""
    block = memoryview(bytearray(BLOCK))
    at = SMALL
    while at < span.size:
        count = read_into(descriptor, span, at, block)
        sha256.update(block[:count])
        crc32 = deflate.crc32(block[:count], crc32)
        at += count
    return crc32


def _elf(descriptor: int, first: bytes, span: Span) -> tuple[ElfFacts | None, UserError | None]:
    try:
        if len(first) == span.size:
            return read_elf_facts(io.BytesIO(first), span.size), None
        with as_file(descriptor, span, close=False) as raw, io.BufferedReader(cast(io.RawIOBase, raw)) as file:
            return read_elf_facts(file, span.size), None
    except UserError as error:
        return None, error
