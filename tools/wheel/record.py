"""RECORD: every file of a wheel with its hash and size (PEP 376, PEP 427)."""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Iterable
from typing import Protocol

_URLSAFE = bytes.maketrans(b"+/", b"-_")  # RFC 4648, 5


class Recorded(Protocol):
    """What RECORD says of a file."""

    @property
    def path(self) -> str:
        """From the top of the wheel, or from site-packages."""

    @property
    def sha256(self) -> str:
        """Hex."""

    @property
    def size(self) -> int:
        """Bytes."""


def record_text(members: Iterable[Recorded], record: str) -> str:
    """Return RECORD's text: a row a member in order of their paths, its own, without hash and size, in its place."""
    rows = {member.path: f",sha256={_digest(member.sha256)},{member.size}\n" for member in members}
    rows[record] = ",,\n"
    return "".join([f"{_field(path)}{rows[path]}" for path in sorted(rows)])


def _digest(sha256: str) -> str:
    return b2a_base64(bytes.fromhex(sha256), newline=False)[:-1].translate(_URLSAFE).decode()  # 32 bytes: one "="


def _field(path: str) -> str:
    """Return the path as one field of csv's default dialect, which PEP 376 names."""
    if "," in path or '"' in path or "\n" in path or "\r" in path:
        return '"' + path.replace('"', '""') + '"'
    return path
