"""The bytes of a zip archive (PKWARE APPNOTE 6.3.10), the strict subset that every installer accepts.

Local headers have the final sizes and CRC, so there are no data descriptors; ZIP64 fields stand only where a number
needs them, and then alike in the local header and in the central directory.
"""

from __future__ import annotations

import stat
import struct
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from tools.errors import UserError, listed
from tools.wheel.receipt import WrittenMember

_LOCAL = struct.Struct("<4sHHHHHLLLHH")  # 4.3.7
_CENTRAL = struct.Struct("<4sHHHHHHLLLHHHHHLL")  # 4.3.12
_END = struct.Struct("<4sHHHHLLH")  # 4.3.16
_END64 = struct.Struct("<4sQHHLLQQQQ")  # 4.3.14
_LOCATOR64 = struct.Struct("<4sLQL")  # 4.3.15

LIMIT32 = 0xFFFFFFFF  # a four-byte field with this value refers to the ZIP64 one (4.4.8, 4.4.9, 4.4.16)
LIMIT16 = 0xFFFF  # the same for the number of members (4.4.21, 4.4.22)
_EXTRA64 = 0x0001  # header id of the ZIP64 extra field (4.5.3)
_DEFLATE_VERSION, _ZIP64_VERSION = 20, 45  # version needed to extract, times ten (4.4.3.2)
_UNIX = 3 << 8  # host system in "version made by" (4.4.2.2)
_UTF8 = 1 << 11  # general purpose bit: the name is UTF-8 (4.4.4)
_TIME, _DATE = 0, 1 << 5 | 1  # 1980-01-01 00:00:00, the oldest there is (4.4.6)
_NAME_LIMIT = 0xFFFF  # bytes of a name, in a two-byte field (4.4.10)


class Facts(NamedTuple):
    """What a member became."""

    method: int  # deflating.STORED or DEFLATED
    size: int  # bytes as installed
    compressed_size: int
    crc32: int
    sha256: str  # hex, of the bytes as installed
    digest: str  # hex xxh3_128, of the compressed bytes


def local_header(name: bytes, facts: Facts | WrittenMember) -> bytes:
    """Return what stands before a member's bytes."""
    extra, sizes = _sizes(facts)
    needed = _ZIP64_VERSION if extra else _DEFLATE_VERSION
    common = (needed, _flags(name), facts.method, _TIME, _DATE, facts.crc32, *sizes, len(name), len(extra))
    return _LOCAL.pack(b"PK\x03\x04", *common) + name + extra


def local_header_size(name: bytes, size: int) -> int:
    """Return the length of :func:`local_header`, which depends on nothing else."""
    return _LOCAL.size + len(name) + (20 if needs_zip64(size) else 0)


def central_entry(name: bytes, facts: Facts | WrittenMember, header: int, mode: int) -> bytes:
    """Return a row of the central directory; ``header`` is the offset of the member's local header."""
    extra, sizes = _sizes(facts, header)
    needed = _ZIP64_VERSION if extra else _DEFLATE_VERSION
    common = (needed, _flags(name), facts.method, _TIME, _DATE, facts.crc32, *sizes, len(name), len(extra))
    rest = (0, 0, 0, (stat.S_IFREG | mode) << 16, min(header, LIMIT32))  # no comment, first disk, binary
    return _CENTRAL.pack(b"PK\x01\x02", _UNIX | needed, *common, *rest) + name + extra


def end_records(count: int, size: int, offset: int) -> bytes:
    """Return what follows a central directory of ``count`` rows and ``size`` bytes that begins at ``offset``."""
    end64 = b""
    if count >= LIMIT16 or size >= LIMIT32 or offset >= LIMIT32:
        version = (_UNIX | _ZIP64_VERSION, _ZIP64_VERSION, 0, 0)
        end64 = _END64.pack(b"PK\x06\x06", _END64.size - 12, *version, count, count, size, offset)
        end64 += _LOCATOR64.pack(b"PK\x06\x07", 0, offset + size, 1)
    few = min(count, LIMIT16)
    return end64 + _END.pack(b"PK\x05\x06", 0, 0, few, few, min(size, LIMIT32), min(offset, LIMIT32), 0)


def needs_zip64(size: int) -> bool:
    """Say whether the sizes of a member may not fit four bytes each: a function of its size as installed alone.

    Deflate's stored blocks make what does not shrink larger by 5 bytes in 65,535 (RFC 1951, 3.2.4).
    """
    return size + size // 10_000 + 64 >= LIMIT32


def check_names(paths: Iterable[str], place: object) -> None:
    """Refuse paths that no archive may have, before a byte is written.

    :raises UserError: for a path that is there twice, is absolute, has an empty part or ``..``, contains a backslash
        or a control character, or is too long; all of them are named.
    """
    counts = Counter(iter(paths))
    if twice := [path for path, count in counts.items() if count > 1]:
        raise UserError(f"{place}: a wheel can hold a path once only, twice are {listed(twice)}")
    if bad := [repr(path) for path in counts if not _is_sane(path)]:
        raise UserError(
            f"{place}: paths in a wheel are relative, with '/', without '..', control characters or backslashes, "
            f"and at most {_NAME_LIMIT} bytes long; these are not: {listed(bad)}"
        )


def _is_sane(path: str) -> bool:
    if not path.isprintable() or "\\" in path or ".." in path or "//" in path or len(path) > 16_000:
        return _is_sane_slowly(path)
    is_plain = path and path[0] not in "/." and path[-1] != "/" and "/." not in path
    return bool(is_plain) or _is_sane_slowly(path)


def _is_sane_slowly(path: str) -> bool:
    try:
        name = path.encode()
    except UnicodeEncodeError:
        return False
    parts = path.split("/")
    odd = any(ord(character) < 32 or ord(character) == 127 or character == "\\" for character in path)
    return not odd and len(name) <= _NAME_LIMIT and not {"", ".", ".."}.intersection(parts)


def _flags(name: bytes) -> int:
    return 0 if name.isascii() else _UTF8


def _sizes(facts: Facts | WrittenMember, header: int = 0) -> tuple[bytes, tuple[int, int]]:
    """Return the ZIP64 extra field and the values of the four-byte fields: compressed size, size (4.5.3)."""
    is_large = needs_zip64(facts.size)
    if not is_large and header < LIMIT32:
        return b"", (facts.compressed_size, facts.size)
    values = ((facts.size, facts.compressed_size) if is_large else ()) + ((header,) if header >= LIMIT32 else ())
    extra = struct.pack(f"<HH{len(values)}Q", _EXTRA64, 8 * len(values), *values) if values else b""
    return extra, (LIMIT32, LIMIT32) if is_large else (facts.compressed_size, facts.size)
