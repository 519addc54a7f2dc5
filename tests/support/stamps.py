"""Which files were written again: another inode, or another time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.support.doit_process import Doit

Stamps = Mapping[str, tuple[int, int]]


def built(doit: Doit) -> Stamps:
    """Return FAMILY/PACKAGE -> inode and time (ns) of every wheel and sdist that is built."""
    folder = doit.build / "wheel"
    return {
        file.parent.relative_to(folder).as_posix(): (file.stat().st_ino, file.stat().st_mtime_ns)
        for pattern in ("*.whl", "*.tar.gz")
        for file in folder.rglob(pattern)
    }


def written(before: Stamps, after: Stamps) -> set[str]:
    """Return what is new, or was written again."""
    return {name for name in after if before.get(name) != after[name]}


def times(directory: Path) -> dict[Path, tuple[int, int, int]]:
    """Return what a write would change of each path below a directory: inode, mtime and ctime (ns)."""
    stats = {path: path.stat() for path in directory.rglob("*")}
    return {path: (stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns) for path, stat in stats.items()}
