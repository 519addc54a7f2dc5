"""Names that members of an archive may have: those of files below the place where it is unpacked."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ODD = re.compile(r"[\x00-\x1f\x7f\\:]|^/|/$|//|(?:^|/)\.\.?(?:/|$)|^$")  # what is worth a closer look


def name_problem(name: str) -> str | None:
    """Return what makes a member's name unsafe or no file's name, None when nothing does."""
    if len(name) < 64 and not _ODD.search(name):  # 255 bytes are 64 letters or more
        return None
    parts = name.split("/")
    if name.endswith("/"):
        return "is a directory entry"
    if name.startswith("/") or ".." in parts or "\\" in name or name[1:2] == ":":
        return "has a name that leads out of the place it is unpacked to"
    if "" in parts or "." in parts or _CONTROL.search(name):
        return "has a name that no file can have"
    if any(len(part.encode("utf-8", "replace")) > 255 for part in parts):  # NAME_MAX (limits.h)
        return "has a name longer than 255 bytes"
    return None
