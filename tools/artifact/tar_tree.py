"""The members of a tar as one tree: each path once, below directories alone, hard links led to their files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from tools.artifact.tar_header import Damaged
from tools.errors import listed

LONGEST_PATH = 4096  # bytes (PATH_MAX of Linux)
SHOWN = 200  # characters of a path in a message
_ROOT = frozenset({"", "."})  # what archives call the directory that everything stands in


class Member(NamedTuple):
    """A file, a link, or a directory with nothing in it: a bare tuple, since there may be 40,000."""

    path: str  # relative, "/" between parts; bytes that are not UTF-8 are lone surrogates (PEP 383)
    kind: str  # "file", "link" or "dir"; before it is resolved also "hard link"
    mode: int  # permission bits, as the archive has them
    size: int  # bytes of a file, else 0
    target: str  # where a link leads, else ""
    offset: int  # of a file's bytes in the tar; equal for all names of one file


def tree(members: Sequence[Member]) -> list[Member]:
    """Return files, links and empty directories in order of path.

    :raises Damaged: when a path leaves the archive, stands twice, or lies below something that is no directory, and
        when a hard link has no file; all culprits of the first problem are named.
    """
    _check_paths(members)
    directories = {member.path: member for member in members if member.kind == "dir" and member.path not in _ROOT}
    others = [member for member in members if member.kind != "dir"]
    if nowhere := [member.path for member in others if member.kind != "file" and not member.target]:
        raise Damaged(f"links lead nowhere: {_shown(nowhere)}")
    filled = _check_places([*others, *directories.values()])
    files = _resolved(others)
    return sorted([*files, *(directory for path, directory in directories.items() if path not in filled)])


def _check_paths(members: Sequence[Member]) -> None:
    text = "/".join(["", *(member.path for member in members), ""])  # all at once: hardly ever one is wrong
    longest = max((len(member.path) for member in members), default=0)
    if not ("//" in text or "/../" in text or "/./" in text or "\0" in text) and longest <= LONGEST_PATH // 4:
        return
    outside = [m.path for m in members if not (m.kind == "dir" and m.path in _ROOT) and _leaves(m.path)]
    if outside:
        raise Damaged(f"paths must be relative, without empty parts, . or ..: {_shown(outside)}")
    if long := [m.path for m in members if len(m.path.encode(errors="surrogateescape")) > LONGEST_PATH]:
        raise Damaged(f"paths are longer than {LONGEST_PATH:,} bytes: {_shown(long)}")


def _leaves(path: str) -> bool:
    return "\0" in path or not {"", ".", ".."}.isdisjoint(path.split("/"))


def _check_places(members: Iterable[Member]) -> set[str]:
    """Return the directories that hold something.

    With the lowest character between parts, what lies below a path follows right after it.
    """
    filled, twice, below = set(), [], []
    for one, other in pairwise(sorted(members, key=lambda member: member.path.replace("/", "\0"))):
        if one.path == other.path:
            twice.append(one.path)
        elif other.path.startswith(f"{one.path}/"):
            filled.add(one.path)
            if one.kind != "dir":
                below.append(other.path)
    if twice:
        raise Damaged(f"members stand there more than once: {_shown(twice)}")
    if below:
        raise Damaged(f"members lie below what is no directory: {_shown(below)}")
    return filled


def _resolved(members: Sequence[Member]) -> list[Member]:
    """Return the members, each hard link as the file that it names, over other hard links if it must be."""
    if not any(member.kind == "hard link" for member in members):
        return list(members)
    places = {member.path: member for member in members}
    for member in members:
        _resolve(member, places)
    return list(places.values())


def _resolve(member: Member, places: dict[str, Member]) -> None:
    names: list[str] = []
    while member.kind == "hard link":
        names.append(member.path)
        places[member.path] = member._replace(kind="circle")  # seen again only when it leads back here
        member = _target(member, places)
    for name in names:
        places[name] = member._replace(path=name)


def _target(member: Member, places: Mapping[str, Member]) -> Member:
    found = places.get(member.target.removeprefix("./"))
    if found is None or found.kind == "circle":
        raise Damaged(f"{shown(member.path)} is a hard link to {shown(member.target)}, which is no file of the archive")
    if found.kind == "link":
        raise Damaged(f"{shown(member.path)} is a hard link to {shown(member.target)}, which is a link")
    return found


def shown(path: str) -> str:
    """Return a path as a message shows it, which may be long and hold anything."""
    return repr(path if len(path) <= SHOWN else f"{path[:SHOWN]}...")


def _shown(paths: Iterable[str]) -> str:
    return listed(map(shown, paths))
