"""Where symbolic links lead, over the merged tree of all artifacts."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from enum import Enum

MAX_LINKS = 40  # followed before a chain counts as a loop, as in Linux (path_resolution(7))


class Astray(Enum):
    """Why a link leads nowhere inside the tree."""

    ABSOLUTE = "is absolute"
    OUTSIDE = "leads out of the merged tree"
    LOOP = "is part of a loop"


def follow(path: str, target: str, links: Mapping[str, str]) -> str | Astray:
    """Return the path below the tree's root that the link at ``path`` leads to, all links on the way resolved.

    ``links`` are all links of the tree: path -> target as stored; a target that begins with ``//`` is relative to the
    tree's root. Whether something is there the caller must see.
    """
    if target.startswith("/") and not target.startswith("//"):
        return Astray.ABSOLUTE
    reached = [] if target.startswith("//") else path.split("/")[:-1]
    pending = deque(target.split("/"))
    followed = 0
    while pending:
        part = pending.popleft()
        if part in {"", "."}:
            continue
        if part == "..":
            if not reached:
                return Astray.OUTSIDE
            reached.pop()
            continue
        reached.append(part)
        link = links.get("/".join(reached))
        if link is None:
            continue
        followed += 1
        if followed > MAX_LINKS:
            return Astray.LOOP
        if link.startswith("/") and not link.startswith("//"):
            return Astray.ABSOLUTE
        pending.extendleft(reversed(link.split("/")))
        reached = [] if link.startswith("//") else reached[:-1]
    return "/".join(reached)
