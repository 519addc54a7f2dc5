"""One header block of a tar, and the records of an extended one (POSIX.1-2017 pax, "ustar" and "pax"; GNU tar)."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

BLOCK = 512  # bytes; headers and contents begin on a multiple of it
ZEROS = bytes(BLOCK)
_ADLER = 65521  # zlib.adler32 counts modulo this prime (RFC 1950, 9)
_CHECKSUM = slice(148, 156)
_SPACES = 8 * ord(" ")  # what the field of the checksum counts for
_USTAR = b"ustar\0"  # GNU's own form has two spaces here, and other things where the prefix would be


class Damaged(ValueError):
    """What is wrong with a header, in words that follow the member's name."""


def check(block: bytes) -> None:
    """Raise where this is no header: its sum of bytes is not what it says.

    Adler-32's low half is that sum plus one, modulo a prime: twenty times as quick as adding in Python.

    :raises Damaged: in words that follow a place.
    """
    field = block[_CHECKSUM]
    total = (zlib.adler32(block) & 0xFFFF) - 1 - sum(field) + _SPACES
    if (number(field) - total) % _ADLER:
        raise Damaged("is no header of a tar member: its checksum is wrong")


def number(field: bytes) -> int:
    """Return a number in octal digits, or in base 256 where its first byte says so (GNU tar, star).

    :raises Damaged: when it is neither, or below zero.
    """
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    try:
        value = int(field.rstrip(b"\0 ") or b"0", 8)
    except ValueError:
        raise Damaged(f"has {field!r} where an octal number belongs") from None
    if value < 0:
        raise Damaged(f"has {field!r}, a negative number")
    return value


def name_of(block: bytes) -> bytes:
    """Return the name that a header itself holds, with the prefix of the ustar form."""
    name = block[:100].partition(b"\0")[0]
    if block[345] and block[257:263] == _USTAR:
        return block[345:500].partition(b"\0")[0] + b"/" + name
    return name


def link_of(block: bytes) -> bytes:
    """Return the name that a link leads to, as the header itself holds it."""
    return block[157:257].partition(b"\0")[0]


def records(content: bytes) -> dict[bytes, bytes]:
    """Return the records of an extended header: ``length key=value``, with a line end that counts.

    :raises Damaged: when they are not such records.
    """
    found: dict[bytes, bytes] = {}
    start = 0
    while start < len(content) and content[start]:
        length, _, _ = content[start : start + 20].partition(b" ")
        if not length.isdigit() or int(length) <= len(length) + 2:
            raise Damaged("has an extended header whose records have no length")
        record = content[start + len(length) + 1 : start + int(length)]
        key, equals, value = record[:-1].partition(b"=")
        if not equals or record[-1:] != b"\n" or start + int(length) > len(content):
            raise Damaged("has an extended header whose records have a wrong length")
        found[key] = value
        start += int(length)
    return found


def size_of(extended: Mapping[bytes, bytes], block: bytes) -> int:
    """Return how many bytes of content follow.

    :raises Damaged: when that is no number.
    """
    decimal = extended.get(b"size")
    if decimal is None:
        return number(block[124:136])
    if not decimal.isdigit() or len(decimal) > 20:
        raise Damaged(f"has an extended header with the size {decimal[:40]!r}")
    return int(decimal)
