"""Which paths Windows can hold, which it takes for one, and how long they may be. Pure: paths in, sentences out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from posixpath import dirname, splitext
from typing import NamedTuple

LONGEST_NAME = 255  # UTF-16 units of one path component (NTFS; Microsoft, "Maximum Path Length Limitation")
LONGEST_PATH = 259  # UTF-16 units of a whole path without its NUL (MAX_PATH is 260)
FOR_A_FILE = 12  # units that a directory leaves for a file in it: "8.3" (the same page)
PROGRAMS = frozenset((".bat", ".cmd", ".com", ".exe"))  # what CreateProcess and cmd.exe start

# Microsoft, "Naming Files, Paths, and Namespaces". A colon starts the name of a stream, "a:b" is no file.
_FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f]')
_DEVICE = re.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9\u00b9\u00b2\u00b3])", re.IGNORECASE)


class Room(NamedTuple):
    """The path that needs most room, and what it leaves for the directory that wheels are installed to."""

    path: str
    left: int  # UTF-16 units of "C:\\...\\site-packages"


def unfit(paths: Iterable[str]) -> list[str]:
    """Return a sentence for each path that Windows cannot hold under its name, in their order."""
    reasons: dict[str, str | None] = {}  # most names are directories that many paths share
    found = []
    for path in paths:
        for name in path.split("/"):
            if name not in reasons:
                reasons[name] = _reason(name)
            if reason := reasons[name]:
                found.append(f"{path}: {reason}")
    return found


def clashes(wheels: Mapping[str, Iterable[str]]) -> list[str]:
    """Return a sentence for each group of paths that Windows takes for one, sorted.

    ``wheels``: distribution -> paths below site-packages, links of a devel tree among them. The same path in two
    wheels is no clash of names.
    """
    spellings: dict[str, dict[str, str]] = {}  # folded -> spelling -> a distribution that has it
    directories: dict[str, str] = {}  # folded -> a path below it
    for distribution in sorted(wheels):
        for path in sorted(wheels[distribution]):
            spellings.setdefault(_folded(path), {}).setdefault(path, distribution)
            for directory in _directories(path):
                directories.setdefault(_folded(directory), path)
    return sorted([*_two_names(spellings), *_file_and_directory(spellings, directories)])


def room(paths: Iterable[str]) -> Room:
    """Return which path leaves the least room for site-packages; of several the first."""
    path = min(paths, key=lambda path: (-_length(path), path), default="")
    return Room(path, LONGEST_PATH - 1 - _length(path))


def too_long(paths: Iterable[str], budget: int) -> list[str]:
    """Return a sentence for each path that needs more than ``budget`` UTF-16 units, sorted."""
    return [
        f"{path}: needs {_length(path)} characters below site-packages, more than the budget of {budget}; Windows "
        f"takes {LONGEST_PATH} in all: shorten the name, or raise the budget and with it the demands on users"
        for path in sorted(paths)
        if _length(path) > budget
    ]


def is_program(path: str) -> bool:
    """Say whether Windows starts the file by its name."""
    return splitext(path)[1].lower() in PROGRAMS


def mode(path: str) -> int:
    """Return the permission bits of a member: by its name, as archives of Windows files have any bits."""
    return 0o755 if is_program(path) else 0o644


def _reason(name: str) -> str | None:
    if match := _FORBIDDEN.search(name):
        return f"Windows allows no {match[0]!r} in a name"
    if name != name.rstrip(". ") and name.strip("."):
        return f"Windows drops the dot or space at the end of {name!r}"
    if _DEVICE.fullmatch(name.partition(".")[0].rstrip(" ")):
        return f"{name!r} is a device for Windows, whatever its ending"
    if (length := _units(name)) > LONGEST_NAME:
        return f"a name has {length} UTF-16 units; Windows takes {LONGEST_NAME}"
    return None


def _two_names(spellings: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for group in spellings.values():
        if len(group) > 1:
            named = [f"{path} ({distribution})" for path, distribution in sorted(group.items())]
            yield f"{' and '.join(named)} are one file for Windows; rename or leave out all but one"


def _file_and_directory(spellings: Mapping[str, Mapping[str, str]], directories: Mapping[str, str]) -> Iterator[str]:
    for folded in spellings.keys() & directories.keys():
        path, distribution = next(iter(spellings[folded].items()))
        yield f"{path} ({distribution}) is a file, and for Windows the directory of {directories[folded]}, too"


def _directories(path: str) -> Iterator[str]:
    while path := dirname(path):
        yield path


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def _length(path: str) -> int:
    return max(_units(path), _units(dirname(path)) + FOR_A_FILE)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
