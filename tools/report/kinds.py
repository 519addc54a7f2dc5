"""What kind of file a path is, and for which GFX target its device code is."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

LIBRARIES, DEVICE, STATIC, HEADERS = "libraries", "device code", "static libraries", "headers"
PROGRAMS, PYTHON, CMAKE, METADATA, OTHER = "programs", "Python", "CMake and pkg-config", "metadata", "other"
KINDS = (LIBRARIES, DEVICE, STATIC, HEADERS, PROGRAMS, PYTHON, CMAKE, METADATA, OTHER)

_TARGET = re.compile(r"gfx[0-9a-f]{3,4}(?![0-9A-Za-z])")  # gfx90a, gfx1201; not gfx94X, which names a family
_LIBRARY = re.compile(r"\.(so(\.[0-9.]+)?|dll|dylib)$")
_SUFFIXES = {
    **dict.fromkeys(("co", "hsaco", "kpack", "kdb", "hipfb"), DEVICE),
    **dict.fromkeys(("a", "lib", "bc"), STATIC),
    **dict.fromkeys(("h", "hh", "hpp", "hxx", "inl", "ipp", "cuh", "inc"), HEADERS),
    **dict.fromkeys(("py", "pyi", "pyc"), PYTHON),
    **dict.fromkeys(("cmake", "pc"), CMAKE),
}


class Group(NamedTuple):
    """What files are counted together by."""

    kind: str  # one of KINDS
    target: str = ""  # of device code, "" where no path tells


@lru_cache(1 << 20)  # a report asks three times of each file
def group_of(path: str) -> Group:
    """Return the kind of the file at ``path`` of a wheel. What is inside a library counts as library."""
    folders, _, name = path.rpartition("/")
    head, _, below = folders.partition("/")
    return _group(head.endswith(".dist-info"), _program(below), _target(below), name)


def _group(is_metadata: bool, is_program: bool, folder_target: str, name: str) -> Group:
    if is_metadata:
        return Group(METADATA)
    if _LIBRARY.search(name):
        return Group(LIBRARIES)
    kind = _SUFFIXES.get(name.rpartition(".")[2].lower() if "." in name else "", "")
    target = _target(name)
    if kind == DEVICE or (target and kind in ("", PYTHON)):
        return Group(DEVICE, target or folder_target)
    return Group(kind or (PROGRAMS if is_program else OTHER))


@lru_cache(4096)
def _program(folders: str) -> bool:
    return folders.rpartition("/")[2] == "bin"


@lru_cache(4096)
def _target(text: str) -> str:
    found = _TARGET.findall(text) if "gfx" in text else ()
    return str(found[-1]) if found else ""
