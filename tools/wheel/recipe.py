"""Recipes: what the compressed bytes of a member are made from. Equal recipes, equal bytes."""

from __future__ import annotations

from functools import cache
from hashlib import sha256

import deflate

from tools.plan.model import Member
from tools.wheel.limits import PIECE, PROBE, WHOLE
from tools.wheel.versions import RPATH_VERSION, WHEEL_VERSION


def content_key(member: Member, content: bytes | None) -> str:
    """Return what decides the bytes of ``member`` as installed: hex sha256 of them, or of how they are made.

    ``content`` are the bytes of a member that has no source.
    """
    if content is not None:
        return sha256(content).hexdigest()
    if member.kind == "copy":
        return member.sha256
    return sha256(f"rpath {RPATH_VERSION} {member.sha256} {member.argument}".encode()).hexdigest()


def recipe_of(content: str, level: int) -> str:
    """Return a content key followed by what tells the compressor: its version, level and the rules for cutting."""
    return content + _compressor(level)


@cache
def _compressor(level: int) -> str:
    parts = f"libdeflate of deflate {deflate.__version__}, rule {WHEEL_VERSION}, limits {PROBE} {WHOLE} {PIECE} {level}"
    return "-" + sha256(parts.encode()).hexdigest()[:16]
