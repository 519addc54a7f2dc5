"""The bytes of a zip archive (PKWARE APPNOTE 6.3.10), the strict subset that every installer accepts.

Local headers have the final sizes and CRC, so there are no data descriptors; ZIP64 fields stand only where a number
needs them, and then alike in the local header and in the central directory.
"""

from __future__ import annotations

import stat
import struct
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from tools.errors import UserError, listed
from tools.receipt import WrittenMember

_COMMON = struct.Struct("<HHHHHLLLHH")  # 4.3.7 behind the signature, 4.3.12 behind "version made by"
_ATTRIBUTES = struct.Struct("<HHHLL")  # the rest of 4.3.12
_END = struct.Struct("<4sHHHHLLH")  # 4.3.16
_END64 = struct.Struct("<4sQHHLLQQQQ")  # 4.3.14
_LOCATOR64 = struct.Struct("<4sLQL")  # 4.3.15

LIMIT32 = 0xFFFFFFFF  # a four-byte field with this value refers to the ZIP64 one (4.4.8, 4.4.9, 4.4.16)
LIMIT16 = 0xFFFF  # the same for the number of members (4.4.21, 4.4.22)
_EXTRA64 = 0x0001  # header id of the ZIP64 extra field (4.5.3)
_DEFLATE_VERSION, _ZIP64_VERSION = 20, 45  # version needed to extract, times ten (4.4.3.2)
_UNIX = 3 << 8  # host system in "version made by" (4.4.2.2)
_MADE_BY, _MADE_BY_64 = (
    struct.pack("<4sH", b"PK\x01\x02", _UNIX | version) for version in (_DEFLATE_VERSION, _ZIP64_VERSION)
)
_UTF8 = 1 << 11  # general purpose bit: the name is UTF-8 (4.4.4)
_TIME, _DATE = 0, 1 << 5 | 1  # 1980-01-01 00:00:00, the oldest there is (4.4.6)
_NAME_LIMIT = 0xFFFF  # bytes of a name, in a two-byte field (4.4.10)
_PLAIN_LENGTH = _NAME_LIMIT // 4  # characters, which never take more bytes than the limit
# With newlines between all paths, each unsafe path shows one of these marks; so do a few sane ones.
_ODD = ("\n\n", "\n/", "/\n", "//", "..", "\n./", "/./", "/.\n", "\n.\n", "\\")


class Facts(NamedTuple):
    """What a member became."""

    method: int  # deflating.STORED or DEFLATED
    size: int  # bytes as installed
    compressed_size: int
    crc32: int
    sha256: str  # hex, of the bytes as installed
    digest: str  # hex xxh3_128, of the compressed bytes


def headers(
    name: bytes, facts: Facts | WrittenMember, offset: int, mode: int, limit: int = LIMIT32
) -> tuple[bytes, bytes]:
    """Return what stands before a member's bytes, at ``offset``, and the member's row of the central directory.

    A number from ``limit`` on stands in a ZIP64 field; here and below, a lower one is for tests.
    """
    is_large, is_far = needs_zip64(facts.size, limit), offset >= limit
    sizes = (facts.size, facts.compressed_size) if is_large else ()
    extra = _extra(*sizes)
    far = _extra(*sizes, offset) if is_far else extra
    common = _common(name, facts, extra, is_large)
    place = LIMIT32 if is_far else offset
    attributes = (0, 0, 0, (stat.S_IFREG | mode) << 16, place)  # no comment, first disk, binary
    row = common if far is extra else _common(name, facts, far, is_large)
    made_by = _MADE_BY_64 if far else _MADE_BY
    return b"PK\x03\x04" + common + name + extra, made_by + row + _ATTRIBUTES.pack(*attributes) + name + far


def local_header_size(name: bytes, size: int) -> int:
    """Return the length of a local header, which depends on nothing else."""
    return 4 + _COMMON.size + len(name) + (20 if needs_zip64(size) else 0)


def end_records(count: int, size: int, offset: int, limit: int = LIMIT32) -> bytes:
    """Return what follows a central directory of ``count`` rows and ``size`` bytes that begins at ``offset``."""
    end64 = b""
    if count >= LIMIT16 or size >= limit or offset >= limit:
        version = (_UNIX | _ZIP64_VERSION, _ZIP64_VERSION, 0, 0)
        end64 = _END64.pack(b"PK\x06\x06", _END64.size - 12, *version, count, count, size, offset)
        end64 += _LOCATOR64.pack(b"PK\x06\x07", 0, offset + size, 1)
    few = min(count, LIMIT16)
    return end64 + _END.pack(b"PK\x05\x06", 0, 0, few, few, min(size, LIMIT32), min(offset, LIMIT32), 0)


def needs_zip64(size: int, limit: int = LIMIT32) -> bool:
    """Say whether the sizes of a member may not fit four bytes each: a function of its size as installed alone.

    Deflate's stored blocks make what does not shrink larger by 5 bytes in 65,535 (RFC 1951, 3.2.4).
    """
    return size + size // 10_000 + 64 >= limit


def check_names(paths: Sequence[str], place: object) -> None:
    """Refuse paths that no archive may have, before a byte is written.

    :raises UserError: for a path that is there twice, is absolute, has an empty part or ``..``, contains a backslash
        or a control character, or is too long; all of them are named.
    """
    if len(set(paths)) < len(paths):
        twice = [path for path, count in Counter(paths).items() if count > 1]
        raise UserError(f"{place}: a wheel can hold a path once only, twice are {listed(twice)}")
    if _any_is_odd(paths) and (bad := [repr(path) for path in paths if not _is_sane(path)]):
        raise UserError(
            f"{place}: paths in a wheel are relative, with '/', without '..', control characters or backslashes, "
            f"and at most {_NAME_LIMIT} bytes long; these are not: {listed(bad)}"
        )


def _any_is_odd(paths: Sequence[str]) -> bool:
    """Say whether a path may not be sane; looks at all paths at once, since there are many and hardly ever one is."""
    lines = "\n".join(["", *paths, ""])
    return (
        any(mark in lines for mark in _ODD)
        or lines.count("\n") > len(paths) + 1
        or not lines.replace("\n", "").isprintable()
        or max(map(len, paths), default=0) > _PLAIN_LENGTH
    )


def _is_sane(path: str) -> bool:
    try:
        name = path.encode()
    except UnicodeEncodeError:
        return False
    parts = path.split("/")
    odd = any(ord(character) < 32 or ord(character) == 127 or character == "\\" for character in path)
    return not odd and len(name) <= _NAME_LIMIT and not {"", ".", ".."}.intersection(parts)


def _common(name: bytes, facts: Facts | WrittenMember, extra: bytes, is_large: bool) -> bytes:
    """Return the fields that stand in a local header and in a row of the central directory alike."""
    needed = _ZIP64_VERSION if extra else _DEFLATE_VERSION
    sizes = (LIMIT32, LIMIT32) if is_large else (facts.compressed_size, facts.size)
    flags = 0 if name.isascii() else _UTF8
    return _COMMON.pack(needed, flags, facts.method, _TIME, _DATE, facts.crc32, *sizes, len(name), len(extra))


def _extra(*values: int) -> bytes:
    """Return the ZIP64 extra field (4.5.3) of the numbers that do not fit, sizes first; nothing where all do."""
    return struct.pack(f"<HH{len(values)}Q", _EXTRA64, 8 * len(values), *values) if values else b""
