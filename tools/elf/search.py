"""Which RPATH a file gets: what it says of its own neighbours, then the packages it depends on."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from tools.elf.model import ElfFacts

_ORIGIN = re.compile(r"\$(?:ORIGIN|\{ORIGIN\})(?=/|$)(.*)")


def rpath_for(facts: ElfFacts, directory: str, dependencies: Iterable[tuple[str, str]]) -> str:
    """Return the RPATH for a file in ``directory`` of the wheel ("_rocm_sdk_core/lib/plugins").

    First the file's own $ORIGIN entries, in order and normalised; absolute, relative and empty ones are
    dropped, for they name places of the machine that built the file. Then the way to each dependency
    (platform package, directory in it). Each entry once.
    """
    own = (facts.runpath if facts.runpath is not None else facts.rpath or "").split(":")  # as ld.so(8) does
    kept = (_from_origin(match[1]) for entry in own if (match := _ORIGIN.fullmatch(entry)))
    added = (_from_origin(posixpath.relpath(posixpath.join(*place), directory)) for place in dependencies)
    return ":".join(dict.fromkeys((*kept, *added)))


def _from_origin(way: str) -> str:
    way = posixpath.normpath(f"./{way}")
    return "$ORIGIN" if way == "." else f"$ORIGIN/{way}"
