"""Recipes: what the compressed bytes of a member are made from. Equal recipes, equal bytes."""

from __future__ import annotations

from hashlib import sha256

import deflate

from tools.plan.model import Member
from tools.wheel.sizes import Sizes
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


def compressor(level: int, sizes: Sizes) -> str:
    """Return the second half of each recipe, behind the content key: the version, level and sizes of the compressor."""
    limits = f"limits {sizes.probe} {sizes.whole} {sizes.piece} {level}"
    parts = f"libdeflate of deflate {deflate.__version__}, rule {WHEEL_VERSION}, {limits}"
    return "-" + sha256(parts.encode()).hexdigest()[:16]
