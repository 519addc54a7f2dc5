"""Counts what a directory of artifacts holds."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class DebianReport:
    """How much was made."""

    artifacts: int
    files: int
    links: int
    elf: int  # files that begin with the ELF magic, of any machine
    size: int  # bytes of all files


def count(root: Path) -> DebianReport:
    """Return the totals over all artifacts below ``root``, manifests included."""
    files = links = elf = size = 0
    for parent, directories, names in os.walk(root):
        for path in (Path(parent) / name for name in (*directories, *names)):
            if path.is_symlink():
                links += 1
            elif path.is_file():
                files, size, elf = files + 1, size + path.stat().st_size, elf + _is_elf(path)
    return DebianReport(artifacts=len(list(root.iterdir())), files=files, links=links, elf=elf, size=size)


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"
