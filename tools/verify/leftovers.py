"""Files that nobody meant to ship, and names that some file systems cannot tell apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename

from tools.verify.finding import Finding, warning
from tools.verify.identity import Wheel

_LEFT_OVER = re.compile(r"\.nfs[0-9a-f]+|core\.\d+|\.DS_Store|Thumbs\.db")  # of NFS, crashes, file managers


def check_leftovers(wheel: Wheel) -> Iterator[Finding]:
    """Yield files left over in the artifacts, and names that differ in case only."""
    seen: dict[str, str] = {}
    for path in sorted(wheel.contents.files):
        if _LEFT_OVER.fullmatch(basename(path)):
            yield warning(wheel.name, "names", "was left over by a file system, a crash or a file manager", path)
        other = seen.setdefault(path.lower(), path)
        if other != path:
            problem = "differs in case only, so one replaces the other on some file systems"
            yield warning(wheel.name, "names", problem, f"{other}, {path}")
