"""The shape of a receipt: what a finished wheel or sdist is, so that nobody has to open it again."""

from __future__ import annotations

import msgspec


class WrittenMember(msgspec.Struct, frozen=True, array_like=True, kw_only=True, gc=False):
    """Where one member's compressed bytes lie in a wheel and what they were made from."""

    path: str
    recipe: str  # of source sha256, transform and its version, compressor and level; equal recipes, equal bytes
    sha256: str  # hex, of the member as installed
    crc32: int  # of the member as installed
    size: int  # bytes as installed
    compressed_size: int  # bytes in the wheel
    offset: int  # of the first compressed byte in the wheel
    method: int  # 0 stored, 8 deflated (APPNOTE 4.4.5)
    digest: str  # hex xxh3_128 of the compressed bytes
    mode: int  # permission bits


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What was built. ``members`` is empty for an sdist."""

    package: str
    family: str
    distribution: str
    version: str
    filename: str
    size: int  # bytes of the file
    sha256: str  # hex, of the file
    requires_python: str
    metadata: str  # METADATA (or PKG-INFO), whole: the PEP 658 side file
    metadata_sha256: str  # hex
    members: tuple[WrittenMember, ...] = ()  # in the order they lie in the wheel
