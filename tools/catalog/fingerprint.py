"""What a file holds: digests and facts, from one pass over its bytes."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from typing import BinaryIO, NamedTuple, TypeVar, cast

import deflate

from tools.artifact.span import Span, as_file, check_scanned, open_scanned, read_into, read_scanned
from tools.elf.facts import read_elf_facts
from tools.elf.model import ElfFacts
from tools.errors import UserError
from tools.pe.model import PeFacts
from tools.workers.kept import SMALL, Kept

T = TypeVar("T")
BLOCK = 1 << 20  # bytes read at a time


class Fingerprint(NamedTuple):
    """What a file holds, whatever its name; the fields mean what they do in a catalog's Entry."""

    sha256: str
    crc32: int
    script: bool
    elf: ElfFacts | None
    pe: PeFacts | None = None


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
        damage = elf = pe = None
        if first.startswith(b"\x7fELF"):
            elf, damage = _facts(read_elf_facts, descriptor, first, span)
        elif first.startswith(b"MZ"):
            from tools.pe.facts import read_pe_facts  # few artifacts have any

            pe, _ = _facts(read_pe_facts, descriptor, first, span)  # a damaged one is none; the plan says so
        check_scanned(descriptor, span)
    finally:
        os.close(descriptor)
    if damage is not None:
        raise damage
    digest = sha256.hexdigest()
    if kept and size <= SMALL:
        kept.keep(digest, first)
    return Fingerprint(digest, crc32, first.startswith(b"#!"), elf, pe)


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


def _facts(
    read: Callable[[BinaryIO, int], T | None], descriptor: int, first: bytes, span: Span
) -> tuple[T | None, UserError | None]:
    try:
        if len(first) == span.size:
            return read(io.BytesIO(first), span.size), None
        with as_file(descriptor, span, close=False) as raw, io.BufferedReader(cast(io.RawIOBase, raw)) as file:
            return read(file, span.size), None
    except UserError as error:
        return None, error
