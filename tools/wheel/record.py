"""RECORD: every file of a wheel with its hash and size (PEP 376, PEP 427)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterable

from tools.wheel.receipt import WrittenMember


def record_text(members: Iterable[WrittenMember], record: str) -> str:
    """Return RECORD's text: a row a member in order of their paths, its own, without hash and size, in its place."""
    rows = {member.path: f",sha256={_digest(member.sha256)},{member.size}\n" for member in members}
    rows[record] = ",,\n"
    return "".join([f"{_field(path)}{rows[path]}" for path in sorted(rows)])


def _digest(sha256: str) -> str:
    return urlsafe_b64encode(bytes.fromhex(sha256)).rstrip(b"=").decode()


def _field(path: str) -> str:
    """Return the path as one field of csv's default dialect, which PEP 376 names."""
    if "," in path or '"' in path or "\n" in path or "\r" in path:
        return '"' + path.replace('"', '""') + '"'
    return path
