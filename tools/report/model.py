"""What a report is about: wheels and the files in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class File(NamedTuple):
    """A file of a wheel."""

    path: str
    size: int  # bytes as installed
    packed: int  # bytes in the wheel
    digest: str  # equal contents have equal ones, within one report


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A wheel, or an sdist as one file."""

    name: str  # its project, and what for where there are several wheels of that: tools.naming.told_names
    version: str
    filename: str
    size: int  # bytes of the file
    files: tuple[File, ...]  # sorted by path

    @property
    def installed(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)
