"""Where an installed ELF file searches for its libraries (ld.so(8), DT_RPATH)."""

from __future__ import annotations

from collections.abc import Iterable
from posixpath import join, normpath, relpath

from tools.catalog.model import ElfFacts

ORIGIN = "$ORIGIN"


def rpath_for(facts: ElfFacts, directory: str, dependencies: Iterable[tuple[str, str]]) -> str:
    """Return the RPATH of a file that is installed in ``directory``, a path below site-packages.

    First the file's own entries that are relative to it, in their order, normalised; absolute and relative-to-the-
    working-directory ones would win over the right libraries and are dropped. Then each of ``dependencies``, a platform
    package and a directory in it, seen from ``directory``. DT_RUNPATH counts only where there is no DT_RPATH, since the
    loader ignores one of them. No entry is there twice; no entry at all is the empty string.
    """
    own = (facts.rpath if facts.rpath is not None else facts.runpath) or ""
    entries = [_normalised(entry) for entry in own.split(":") if _is_relative_to_file(entry)]
    entries += [_from(directory, join(package, below)) for package, below in dependencies]
    return ":".join(dict.fromkeys(entries))


def _is_relative_to_file(entry: str) -> bool:
    return entry in {ORIGIN, "${ORIGIN}"} or entry.startswith((f"{ORIGIN}/", "${ORIGIN}/"))


def _normalised(entry: str) -> str:
    return normpath(entry.replace("${ORIGIN}", ORIGIN))


def _from(directory: str, target: str) -> str:
    path = relpath(target, directory)
    return ORIGIN if path == "." else f"{ORIGIN}/{path}"
