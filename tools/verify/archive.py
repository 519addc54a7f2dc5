"""A strict reader of wheels' zip structure (APPNOTE 6.3.10): what an installer might refuse is a problem here.

Python's zipfile forgives a great deal; pip, uv and unzip each forgive something else.
"""

from __future__ import annotations

import stat
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tools.verify.member_name import name_problem

_END = struct.Struct("<4s4H2LH")  # 4.3.16
_LOCATOR = struct.Struct("<4sLQL")  # 4.3.15
_END64 = struct.Struct("<4sQ2H2L4Q")  # 4.3.14
_CENTRAL = struct.Struct("<4s6H3L5H2L")  # 4.3.12
_LOCAL = struct.Struct("<4s5H3L2H")  # 4.3.7
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF  # the value is in the ZIP64 field
_NEAR = _FULL32 - (_FULL32 >> 8)  # a writer that streams decides by an upper bound of the size
_ZIP64 = 1  # header ID of that field (4.5.3)
_DESCRIPTOR, _UTF8 = 1 << 3, 1 << 11  # general purpose flags (4.4.4)
_UNIX = 3  # "version made by" whose external attributes hold st_mode (4.4.2)
_NEWEST = 45  # "version needed to extract" of ZIP64, times ten (4.4.3.2); what comes later installers do not have
_TOO_NEW = "needs a newer unpacker than installers have"
_METHODS = (0, 8)  # stored, deflated: what every installer can read


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveEntry:
    """One member, as the central directory has it."""

    name: str
    mode: int  # st_mode; 0 when not made on Unix
    method: int
    crc32: int
    size: int  # bytes as installed
    compressed_size: int  # bytes in the wheel
    header: int  # offset of the local header
    start: int  # offset of the first compressed byte; 0 when the local header is damaged


@dataclass(slots=True)
class Archive:
    """The members in the order of the central directory, and what is wrong: (problem, member or "")."""

    entries: list[ArchiveEntry] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)


class _Damaged(Exception):
    """The rest of the file cannot be read; the text says why."""


def read_archive(data: memoryview) -> Archive:
    """Return what the zip file in ``data`` holds; only its headers are read."""
    archive = Archive()
    try:
        _read(data, archive)
    except _Damaged as problem:
        archive.problems.append((str(problem), ""))
    return archive


def _read(data: memoryview, archive: Archive) -> None:
    start, end, count = _directory(data, archive.problems)
    rows, offset = [], start
    for _ in range(count):
        row = _Row(data, offset)
        rows.append(row)
        offset = row.end
    if offset != end:
        archive.problems.append(("its directory is not of the size that its end record says", ""))
    archive.problems += _names(rows)
    for row in rows:
        archive.problems += [(problem, row.name) for problem in (*row.problems(), *row.check_local())]
        archive.entries.append(row.entry())
    archive.problems += _gaps(rows, start)


def _directory(data: memoryview, problems: list[tuple[str, str]]) -> tuple[int, int, int]:
    """Return where the central directory begins and ends, and how many members it has."""
    at = bytes(data[-(_END.size + _FULL16) :]).rfind(b"PK\5\6")
    if at < 0:
        raise _Damaged("is not a zip file, or its end is missing")
    at += max(0, len(data) - _END.size - _FULL16)
    if at + _END.size > len(data):
        raise _Damaged("its end is cut off")
    _, disk, first, here, count, size, start, comment = _END.unpack_from(data, at)
    if at + _END.size + comment != len(data):
        problems.append(("has bytes behind its end", ""))
    if comment:
        problems.append(("has a comment", ""))
    if disk or first or here != count:
        problems.append(("is cut into several disks", ""))
    locator = at - _LOCATOR.size
    has64 = locator >= 0 and bytes(data[locator : locator + 4]) == b"PK\6\7"
    full = count == _FULL16 or _FULL32 in (size, start)
    if has64 != full:
        problems.append(("has a ZIP64 end that it does not need" if has64 else "lacks the ZIP64 end it needs", ""))
    end = at
    if has64:
        end = _LOCATOR.unpack_from(data, locator)[2]
        count, size, start = _end64(data, end, locator, (count, size, start), problems)
    if start + size != end:
        raise _Damaged("its directory does not lie before its end")
    return start, end, count


def _end64(
    data: memoryview, at: int, locator: int, short: tuple[int, int, int], problems: list[tuple[str, str]]
) -> tuple[int, int, int]:
    if at + _END64.size != locator or bytes(data[at : at + 4]) != b"PK\6\6":
        raise _Damaged("its ZIP64 end is not where its locator says")
    _, length, _, _, disk, first, here, count, size, start = _END64.unpack_from(data, at)
    if length != _END64.size - 12 or disk or first or here != count:
        problems.append(("its ZIP64 end makes no sense", ""))
    limits = (_FULL16, _FULL32, _FULL32)
    for value, stated, limit in zip((count, size, start), short, limits, strict=True):
        if stated not in (value, limit):
            problems.append(("its two ends differ", ""))
    return count, size, start


class _Row:
    """One header of the central directory and the local one that it points to."""

    def __init__(self, data: memoryview, offset: int) -> None:
        self.data = data
        fields = _CENTRAL.unpack_from(data, offset) if offset + _CENTRAL.size <= len(data) else (b"",)
        if fields[0] != b"PK\1\2":
            raise _Damaged("its directory is damaged")
        _, self.made_by, *self.shared, crc, compressed, size, names, extras, comments, disk, _, attributes, at = fields
        self.crc, self.attributes, self.comments, self.disk = crc, attributes, comments, disk
        name_at = offset + _CENTRAL.size
        self.end = name_at + names + extras + comments
        if self.end > len(data):
            raise _Damaged("its directory is damaged")
        self.raw = bytes(data[name_at : name_at + names])
        self.name = self.raw.decode("utf-8", "backslashreplace")
        extra = bytes(data[name_at + names : name_at + names + extras])
        self.zip64: list[str] = []
        wanted = [value == _FULL32 for value in (size, compressed, at)]
        self.size, self.compressed, self.header = self._long(extra, (size, compressed, at), wanted)
        self.start = 0

    @property
    def flags(self) -> int:
        return int(self.shared[1])

    @property
    def method(self) -> int:
        return int(self.shared[2])

    @property
    def mode(self) -> int:
        return int(self.attributes >> 16) if self.made_by >> 8 == _UNIX else 0

    def entry(self) -> ArchiveEntry:
        return ArchiveEntry(
            name=self.name,
            mode=self.mode,
            method=self.method,
            crc32=self.crc,
            size=self.size,
            compressed_size=self.compressed,
            header=self.header,
            start=self.start,
        )

    def problems(self) -> Iterator[str]:
        if self.flags & _DESCRIPTOR:
            yield "has a data descriptor"
        if self.flags & ~(_DESCRIPTOR | _UTF8):
            yield "has flags that installers do not know (encrypted?)"
        if self.shared[0] > _NEWEST:
            yield _TOO_NEW
        if self.method not in _METHODS:
            yield "is neither stored nor deflated"
        elif self.method == 0 and self.size != self.compressed:
            yield "is stored with two sizes"
        if stat.S_IFMT(self.mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            yield "is no regular file but a link or a device"
        if self.mode & 0o7000:
            yield "has the setuid, setgid or sticky bit"
        if self.comments or self.disk:
            yield "has a comment or lies on another disk"
        yield from self.zip64

    def check_local(self) -> Iterator[str]:
        """Yield how the local header differs from the central one, and note where the bytes begin."""
        if self.header + _LOCAL.size > len(self.data):
            yield "has no local header where the directory says"
            return
        fields = _LOCAL.unpack_from(self.data, self.header)
        signature, *shared, crc, compressed, size, names, extras = fields
        name_at = self.header + _LOCAL.size
        if signature != b"PK\3\4" or name_at + names + extras + self.compressed > len(self.data):
            yield "has no local header where the directory says"
            return
        self.start = name_at + names + extras
        before = len(self.zip64)
        extra = bytes(self.data[name_at + names : self.start])
        full = _FULL32 in (size, compressed)  # either one brings both into the field (4.5.3)
        size, compressed, _ = self._long(extra, (size, compressed, 0), [full, full, False])
        yield from self.zip64[before:]
        if bytes(self.data[name_at : name_at + names]) != self.raw:
            yield "has another name in its local header"
        if shared[0] > _NEWEST:
            yield _TOO_NEW
        if shared[1:] != self.shared[1:]:  # the versions differ where only the offset needs ZIP64
            yield "has another method, time or flags in its local header"
        if not self.flags & _DESCRIPTOR and (crc, compressed, size) != (self.crc, self.compressed, self.size):
            yield "has another size or CRC in its local header"

    def _long(self, extra: bytes, values: tuple[int, int, int], wanted: list[bool]) -> tuple[int, int, int]:
        """Return the values, those wanted from the ZIP64 field in the extra data."""
        if not extra and not any(wanted):
            return values
        field64, seen, at = b"", False, 0
        while at + 4 <= len(extra):
            kind, length = struct.unpack_from("<HH", extra, at)
            if kind == _ZIP64:
                self.zip64 += ["has two ZIP64 fields"] if seen else []
                field64, seen = extra[at + 4 : at + 4 + length], True
            at += 4 + length
        if at != len(extra):
            self.zip64.append("has damaged extra fields")
        if len(field64) != 8 * sum(wanted) or seen != any(wanted):
            self.zip64.append("has a ZIP64 field that does not fit its sizes")
            return values
        numbers = iter(struct.unpack(f"<{sum(wanted)}Q", field64))
        found = [next(numbers) if want else value for want, value in zip(wanted, values, strict=True)]
        if any(wanted) and max(found) < _NEAR:
            self.zip64.append("has a ZIP64 field that it does not need")
        return found[0], found[1], found[2]


def _names(rows: Iterable[_Row]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for row in rows:
        if row.name in seen:
            yield "is there twice", row.name
        seen.add(row.name)
        if problem := name_problem(row.name):
            yield problem, row.name
        utf8 = bool(row.flags & _UTF8)
        try:
            row.raw.decode("utf-8" if utf8 else "ascii")
        except UnicodeDecodeError:
            yield ("has a name that is not UTF-8" if utf8 else "has a name without the UTF-8 flag"), row.name


def _gaps(rows: Iterable[_Row], end: int) -> Iterator[tuple[str, str]]:
    """Yield where members leave bytes between them or share some; the first begins the file."""
    at = 0
    for row in sorted(rows, key=lambda row: row.header):
        if row.header != at:
            yield ("has bytes before it that belong to no member" if row.header > at else "overlaps another"), row.name
        at = (row.start or row.header) + row.compressed
    if at != end:
        yield "has bytes between its last member and its directory", ""
