"""Which names of files an artifact may hold."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 255  # bytes of one path component: NAME_MAX of Linux's file systems

# Control characters and what str.splitlines() takes for an end of line would break RECORD apart; a backslash
# separates on Windows, and zips have "/" only (APPNOTE 4.4.17); lone surrogates are bytes that are not UTF-8.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\\\\\ud800-\udfff]")


def unfit(names: Iterable[str]) -> list[str]:
    """Return the paths and link targets that cannot go into a wheel or a RECORD, in their order."""
    all_names = list(names)
    text = "/".join(all_names)  # looked at all at once, since there are many and hardly ever one is unfit
    if text.isprintable() and "\\" not in text and max(map(len, text.split("/"))) <= LONGEST // 4:
        return []
    return [name for name in all_names if _UNFIT.search(name) or _is_long(name)]


def _is_long(name: str) -> bool:
    return any(len(part.encode()) > LONGEST for part in name.split("/"))
