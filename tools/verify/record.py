"""RECORD against the wheel's files, both ways (binary distribution format; PEP 376, 427)."""

from __future__ import annotations

import base64
import binascii
import csv
import io
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tools.verify.finding import Finding, error
from tools.verify.wheel import WheelContents


class Row(NamedTuple):
    """What RECORD says of a file."""

    sha256: str  # hex; "" for RECORD itself
    size: int | None


def check_record(wheel: WheelContents, dist_info: str) -> Iterator[Finding]:
    """Yield where RECORD and the files of a wheel differ."""
    path = f"{dist_info}/RECORD"
    if path not in wheel.texts:
        yield error(wheel.filename, "record", f"has no {path}")
        return
    rows: dict[str, Row] = {}
    try:
        for name, row in read_record(wheel.texts[path]):
            if name in rows:
                yield error(wheel.filename, "record", "RECORD has it twice", name)
            rows[name] = row
    except ValueError as problem:
        yield error(wheel.filename, "record", f"RECORD cannot be read: {problem}")
        return
    yield from _compare(wheel, rows, path)


def read_record(content: bytes) -> Iterator[tuple[str, Row]]:
    """Yield (path, row) in RECORD's order.

    :raises ValueError: when it is not CSV as PEP 376 wants it; the text says where.
    """
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
        for fields in reader:
            if len(fields) != 3:
                raise ValueError(f"line {reader.line_num} has {len(fields)} fields instead of 3")
            yield fields[0], Row(_digest(fields[1], reader.line_num), _size(fields[2], reader.line_num))
    except csv.Error as problem:
        raise ValueError(f"line {reader.line_num}: {problem}") from None
    except UnicodeDecodeError as problem:
        raise ValueError(f"byte {problem.start} is not UTF-8") from None


def _compare(wheel: WheelContents, rows: Mapping[str, Row], record: str) -> Iterator[Finding]:
    def bad(problem: str, path: str) -> Finding:
        return error(wheel.filename, "record", problem, path)

    for path in rows.keys() - wheel.files.keys():
        yield bad("RECORD lists what the wheel does not have", path)
    for path in wheel.files.keys() - rows.keys():
        yield bad("RECORD does not list it", path)
    for path in rows.keys() & wheel.files.keys():
        row, content = rows[path], wheel.files[path]
        if path == record:
            if row != Row("", None):
                yield bad("RECORD has a digest or a size of itself", path)
        elif not row.sha256 or row.size is None:
            yield bad("RECORD has no digest or no size of it", path)
        else:
            if content.sha256 and row.sha256 != content.sha256:
                yield bad("is not what RECORD says: another sha256", path)
            if row.size != content.size:
                yield bad("is not what RECORD says: another size", path)


def _digest(text: str, line: int) -> str:
    if not text:
        return ""
    kind, _, value = text.partition("=")
    try:
        digest = base64.urlsafe_b64decode(f"{value}=")  # 32 bytes need one sign of padding, which PEP 427 drops
    except (ValueError, binascii.Error):
        digest = b""
    if kind != "sha256" or len(digest) != 32 or len(value) != 43:
        raise ValueError(f"line {line}: {text[:80]!r} is no sha256 in the form of PEP 427")
    return digest.hex()


def _size(text: str, line: int) -> int | None:
    if text and not (text.isascii() and text.isdigit()):
        raise ValueError(f"line {line}: {text[:80]!r} is no size")
    return int(text) if text else None
