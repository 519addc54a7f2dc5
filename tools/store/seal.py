"""A stored object that tells whether it is whole, and whether it is what it is stored as: a line before the content."""

from __future__ import annotations

import hashlib

import msgspec

from tools.values import decode_json, encode_json


class Damaged(Exception):
    """An object that may not be used; the text says why, as the end of a sentence about it."""


class _Seal(msgspec.Struct, frozen=True):
    kind: str
    key: str
    sha256: str  # hex, of the content


def sealed(kind: str, key: str, content: bytes) -> bytes:
    """Return what is stored of ``content`` under a key."""
    return encode_json(_Seal(kind, key, hashlib.sha256(content).hexdigest())) + content


def unsealed(kind: str, key: str, stored: bytes) -> bytes:
    """Return the content of what is stored under a key.

    :raises Damaged: when it is not whole, or was stored as something else.
    """
    line, _, content = stored.partition(b"\n")
    try:
        seal = decode_json(line, _Seal)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Damaged("is nothing that was stored there") from None
    if (seal.kind, seal.key) != (kind, key):
        raise Damaged(f"was stored as {seal.kind}/{seal.key}")
    if hashlib.sha256(content).hexdigest() != seal.sha256:
        raise Damaged("is not what was stored: its digest is another one")
    return content
