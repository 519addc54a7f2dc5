"""The RECORD of a wheel that nobody has checked yet: whatever is wrong with the archive becomes one sentence."""

from __future__ import annotations

import csv
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import IO, NamedTuple

from tools.errors import UserError

UNREADABLE = (  # what zipfile raises for damaged, encrypted and exotic archives, and csv for a RECORD that is none
    OSError,
    ValueError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    csv.Error,
)


class Row(NamedTuple):
    """What RECORD says of a file."""

    digest: str  # as it is written there
    size: int  # bytes; 0 where it is not said


class Record(NamedTuple):
    """A wheel's RECORD and the members of its archive."""

    folder: str  # the metadata directory
    rows: dict[str, Row]  # path -> what RECORD says of it
    members: list[zipfile.ZipInfo]  # without directories


def open_record(place: str, opener: Callable[[], AbstractContextManager[IO[bytes]]]) -> Record:
    """Return the RECORD of the wheel that ``opener`` opens.

    :raises UserError: when the archive or its RECORD cannot be read; ``place`` is named.
    """
    try:
        with opener() as file, zipfile.ZipFile(file) as archive:
            return _read(archive)
    except UNREADABLE as problem:
        raise UserError(f"{place}: its RECORD cannot be read: {reason_of(problem)}") from None


def reason_of(problem: Exception) -> str:
    """Return what an exception says, or its name when it says nothing, as EOFError does."""
    return str(problem) or type(problem).__name__


def _read(archive: zipfile.ZipFile) -> Record:
    members = [member for member in archive.infolist() if not member.is_dir()]
    records = [name for member in members if re.fullmatch(r"[^/]+\.dist-info/RECORD", name := member.filename)]
    if len(records) != 1:
        raise ValueError(f"the wheel must have one, and has {len(records)}")
    return Record(records[0].partition("/")[0], dict(_rows(archive.read(records[0]).decode())), members)


def _rows(text: str) -> Iterator[tuple[str, Row]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    for fields in reader:
        if len(fields) != 3:
            raise ValueError(f"line {reader.line_num} has not 3 fields but {len(fields)}")
        path, digest, size = fields
        if not re.fullmatch(r"[0-9]{0,18}", size):
            raise ValueError(f"line {reader.line_num}: the size of {path!r} is no number of bytes")
        yield path, Row(digest, int(size or 0))
