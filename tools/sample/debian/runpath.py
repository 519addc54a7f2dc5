"""Which directories an ELF file must name so that it finds its libraries in the tree. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from tools.elf.model import ElfFacts

ORIGIN = "$ORIGIN"


def needed_runpath(path: str, facts: ElfFacts, libraries: Mapping[str, str]) -> str | None:
    """Return the search path that ``path`` needs, or None if the one it has is enough.

    Debian's libraries lie in a directory that the loader knows; here nobody looks but the file itself. As a
    build with an install RPATH would: what it has, then ``$ORIGIN/...`` for each directory of what it needs.

    ``libraries`` maps the name of each library of the tree to its directory there.
    """
    present = [entry for entry in (facts.runpath or facts.rpath or "").split(":") if entry]
    reached = {_resolved(path, entry) for entry in present}
    wanted = sorted({libraries[name] for name in facts.needed if name in libraries} - reached)
    if not wanted:
        return None
    return ":".join([*present, *(_relative(path, directory) for directory in wanted)])


def _resolved(path: str, entry: str) -> str:
    return posixpath.normpath(entry.replace("${ORIGIN}", ORIGIN).replace(ORIGIN, posixpath.dirname(path) or "."))


def _relative(path: str, directory: str) -> str:
    up = posixpath.relpath(directory, posixpath.dirname(path) or ".")
    return ORIGIN if up == "." else f"{ORIGIN}/{up}"
