"""What was made, as a line when it is finished and as a table at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rules.reporting.text import table_text, time_text
from tools.naming import is_sdist, read_wheel_name
from tools.text import size_text
from tools.values import read_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One wheel or sdist that this run made."""

    distribution: str
    version: str
    filename: str
    size: int  # bytes of the file
    sha256: str  # hex, of the file
    members: int  # 0 of an sdist
    installed: int  # bytes of the members
    after: float  # seconds since the run began: it may have waited for others that compress, or for what it shares
    reused: int  # bytes of members, as installed, that were copied compressed from other wheels
    is_taken: bool = False  # from the store

    @property
    def line(self) -> str:
        """Say it in one line."""
        verb = "taken" if self.is_taken else "built"
        return (
            f"{verb}   {self.distribution}  {size_text(self.size)} at {time_text(self.after)}  sha256 {self.sha256[:8]}"
        )

    @property
    def is_sdist(self) -> bool:
        """Whether pip builds a wheel of it."""
        return is_sdist(self.filename)


class _Head(msgspec.Struct):
    """A receipt without its members, which may be many thousand."""

    distribution: str
    version: str
    filename: str
    size: int
    sha256: str


def made(receipt: Path, after: float, values: Mapping[str, int]) -> Made:
    """Return what the receipt in a file and the ``values`` of its task say of a wheel or sdist."""
    head = read_json(receipt, _Head)
    return Made(
        distribution=head.distribution,
        version=head.version,
        filename=head.filename,
        size=head.size,
        sha256=head.sha256,
        members=values.get("members", 0),
        installed=values.get("installed", 0),
        after=after,
        reused=values.get("reused", 0),
        is_taken=bool(values.get("taken")),
    )


def summary(rows: Sequence[Made]) -> list[str]:
    """Return the lines of the table: each wheel, its members, its size and the share of their size.

    Names of files are too long for a terminal: the version and platform of most of them stand above, once.
    """
    ordered = sorted(rows, key=lambda row: row.filename)
    version, platform = Counter(_release(row) for row in ordered).most_common(1)[0][0]
    header = ("wheel", "files", "size", "ratio", "reused", "done at")
    table = table_text(header, [_row(row, version) for row in ordered])
    return ["", f"version {version} for {platform}", *table, ""]


def _release(row: Made) -> tuple[str, str]:
    """Return the version and the platform of a file."""
    if row.is_sdist:
        return row.version, "every platform"
    tag = ".".join(read_wheel_name(row.filename).platforms)
    return row.version, "every platform" if tag == "any" else tag


def _row(row: Made, version: str) -> tuple[str, ...]:
    own = f" {row.version}" if row.version != version else ""
    name = f"{row.distribution}{own}{' (sdist)' if row.is_sdist else ''}"
    ratio = f"{row.size / row.installed:.0%}" if row.installed else ""
    files = str(row.members) if row.members else ""
    reused = f"{row.reused / row.installed:.0%}" if row.installed else ""
    return name, files, size_text(row.size), ratio, reused, time_text(row.after)
