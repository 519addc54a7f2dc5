"""Two dists, or two wheels, compared by the RECORDs in them: files added, removed, grown, by wheel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from packaging.version import Version

from tools.errors import SHOWN, UserError
from tools.naming import is_wheel, newest, read_wheel_name, told_names
from tools.record import Row, open_record


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffRequest:
    """Two directories with wheels, or two wheels."""

    old: Path
    new: Path


class _Wheel(NamedTuple):
    version: str
    size: int  # bytes of the file
    files: Mapping[str, Row]  # with "VERSION" in place of the version in the metadata directory's name


class _Grown(NamedTuple):
    path: str
    old: int
    new: int


def compare_dists(request: DiffRequest) -> list[str]:
    """Return the lines that tell what is different, the wheels that grew or shrank most first, and the sum of all
    wheels last; one line when nothing is different.

    :raises UserError: when a directory or a wheel in it cannot be read.
    """
    olds, news = _read(request.old), _read(request.new)
    told = told_names(olds, news)
    old, new = ({told[filename]: wheel for filename, wheel in wheels.items()} for wheels in (olds, news))
    lines = [f"{name}: only in {request.old}, {_bytes(old[name].size)}" for name in sorted(old.keys() - new)]
    lines += [f"{name}: only in {request.new}, {_bytes(new[name].size)}" for name in sorted(new.keys() - old)]
    for name in sorted(old.keys() & new.keys(), key=lambda name: (-abs(new[name].size - old[name].size), name)):
        lines += _compare(name, old[name], new[name])
    if not lines:
        return [f"no difference in the files of {len(new)} wheel{'s' if len(new) > 1 else ''}"]
    before, after = (sum(wheel.size for wheel in wheels.values()) for wheels in (old, new))
    return [*lines, f"all wheels: {_growth(before, after)}"]


def _read(dist: Path) -> dict[str, _Wheel]:
    """Return file name -> wheel, of several for one Python and platform the newest."""
    try:
        paths = [dist] if is_wheel(dist.name) and dist.is_file() else sorted(dist.iterdir())
    except OSError as problem:
        raise UserError(f"{dist}: cannot be read: {problem.strerror}") from None
    wheels = {path.name: path for path in paths if is_wheel(path.name)}
    found = newest(wheels)
    if not found:
        raise UserError(f"{dist}: has no wheel")
    return {filename: _read_wheel(wheels[filename], read_wheel_name(filename).version) for filename in found}


def _read_wheel(path: Path, version: Version) -> _Wheel:
    if not path.is_file():  # a FIFO would be waited for
        raise UserError(f"{path}: is no regular file")
    folder, rows, _ = open_record(str(path), lambda: path.open("rb"))
    neutral = folder.replace(f"-{version}.", "-VERSION.")
    files = {
        name.replace(folder, neutral, 1) if name.startswith(f"{folder}/") else name: row for name, row in rows.items()
    }
    return _Wheel(str(version), path.stat().st_size, files)


def _compare(name: str, old: _Wheel, new: _Wheel) -> Iterator[str]:
    added = _largest_first({path: new.files[path].size for path in new.files.keys() - old.files.keys()})
    removed = _largest_first({path: old.files[path].size for path in old.files.keys() - new.files.keys()})
    both = old.files.keys() & new.files.keys()
    changed = [path for path in sorted(both) if old.files[path] != new.files[path]]
    sizes = [_Grown(path, old.files[path].size, new.files[path].size) for path in changed]
    grown = sorted((one for one in sizes if one.new > one.old), key=lambda one: (one.old - one.new, one.path))
    shrunk = sorted((one for one in sizes if one.new < one.old), key=lambda one: (one.new - one.old, one.path))
    same = [one.path for one in sizes if one.new == one.old]
    if not (added or removed or changed):
        return
    versions = old.version if old.version == new.version else f"{old.version} -> {new.version}"
    yield f"{name} {versions}: {_growth(old.size, new.size)}"
    yield from _told("added", added)
    yield from _told("removed", removed)
    yield from _told("grown", [f"{one.path}, {_growth(one.old, one.new)}" for one in grown])
    yield from _told("shrunk", [f"{one.path}, {_growth(one.old, one.new)}" for one in shrunk])
    yield from _told("changed, of the same size", same)


def _largest_first(sizes: Mapping[str, int]) -> list[str]:
    return [f"{path}, {_bytes(size)}" for path, size in sorted(sizes.items(), key=lambda one: (-one[1], one[0]))]


def _growth(old: int, new: int) -> str:
    return f"{_bytes(old)} -> {_bytes(new)} ({new - old:+,})"


def _told(what: str, rows: list[str]) -> Iterator[str]:
    if rows:
        yield f"  {len(rows)} {what}"
        yield from (f"    {row}" for row in rows[:SHOWN])
        if len(rows) > SHOWN:
            yield f"    and {len(rows) - SHOWN} more"


def _bytes(count: int) -> str:
    return f"{count:,} byte{'s' if count != 1 else ''}"
