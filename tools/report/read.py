"""The wheels of a build, from its receipts, and those of any dist, from the wheels themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.parse import unquote
from zipfile import ZipInfo

from tools.errors import UserError
from tools.naming import is_sdist, is_wheel, newest, read_name, told_names
from tools.receipt import Receipt
from tools.record import Record, open_record, reason_of
from tools.report.model import File, Wheel
from tools.values import read_json

_Open = Callable[[], AbstractContextManager[IO[bytes]]]


class _Listed(NamedTuple):
    name: str
    size: int  # bytes
    open: _Open


def read_build(receipts: Iterable[Path]) -> tuple[Wheel, ...]:
    """Return what the receipts tell, by name.

    :raises UserError: when one is missing or damaged.
    """
    read = [(path, read_json(path, Receipt)) for path in receipts]
    told = told_names(receipt.filename for _, receipt in read)
    wheels = [_of_receipt(path, receipt, told[receipt.filename]) for path, receipt in read]
    return tuple(sorted(wheels, key=lambda wheel: wheel.name))


def read_dist(place: str) -> tuple[Wheel, ...]:
    """Return the newest wheel of each project, for each Python and platform, by name.

    ``place`` is a directory, or a URL that fsspec can list.

    :raises UserError: when the place or a wheel in it cannot be read, or there is none.
    """
    listed = {one.name: one for one in _listed(place)}
    found = newest(listed)
    if not found:
        raise UserError(f"{place}: has no wheel")
    told = told_names(found)
    wheels = [_of_file(place, told[filename], listed[filename]) for filename in found]
    return tuple(sorted(wheels, key=lambda wheel: wheel.name))


def check_place(place: str) -> None:
    """Refuse a directory that is not there; of a URL nobody knows before it is asked.

    :raises UserError: naming the place.
    """
    if "://" not in place and not Path(place).is_dir():
        raise UserError(f"{place}: is no directory")


def _of_receipt(path: Path, receipt: Receipt, name: str) -> Wheel:
    # a receipt of an sdist, or of a wheel that is carried as it is, has no members
    files = [File(row.path, row.size, row.compressed_size, row.sha256) for row in receipt.members]
    return Wheel(
        name=name,
        version=receipt.version,
        filename=receipt.filename,
        size=receipt.size,
        files=tuple(sorted(files)) or _files(str(path.parent), _on_disk(path.with_name(receipt.filename))),
    )


def _listed(place: str) -> list[_Listed]:
    problems = Exception if "://" in place else OSError  # clients of stores have exceptions of their own
    try:
        return _of_url(place) if "://" in place else _of_directory(Path(place))
    except problems as problem:
        raise UserError(
            f"{place}: cannot be read: {getattr(problem, 'strerror', None) or reason_of(problem)}"
        ) from None


def _of_directory(directory: Path) -> list[_Listed]:
    wheels = [path for path in directory.iterdir() if is_wheel(path.name) or is_sdist(path.name)]
    return [_on_disk(path) for path in wheels if path.is_file()]


def _on_disk(path: Path) -> _Listed:
    return _Listed(path.name, path.stat().st_size, partial(_opened, path))


def _opened(path: Path) -> IO[bytes]:
    return path.open("rb")


def _of_url(url: str) -> list[_Listed]:
    from fsspec.core import url_to_fs

    system, root = url_to_fs(url)
    found = {one["name"].partition("#")[0]: one for one in system.ls(root, detail=True)}  # a link may have a digest
    return [
        _Listed(name, _size(system, path, found[path]), partial(system.open, path, "rb"))
        for path in sorted(found)
        if is_wheel(name := unquote(path.rpartition("/")[2])) or is_sdist(name)
    ]


def _size(system: Any, path: str, found: dict[str, Any]) -> int:
    """A page over HTTP lists names only."""
    return int(found["size"] if found.get("size") is not None else system.size(path))


def _of_file(place: str, name: str, file: _Listed) -> Wheel:
    said = read_name(file.name)
    assert said, "nothing else is among the newest"
    return Wheel(name=name, version=str(said.version), filename=file.name, size=file.size, files=_files(place, file))


def _files(place: str, file: _Listed) -> tuple[File, ...]:
    """Return the members of a wheel; an sdist is one file."""
    return (File(file.name, file.size, file.size, file.name),) if is_sdist(file.name) else _members(place, file)


def _members(place: str, file: _Listed) -> tuple[File, ...]:
    record = open_record(f"{place}: {file.name}", file.open)
    return tuple(sorted(_member(file, record, info) for info in record.members))


def _member(file: _Listed, record: Record, info: ZipInfo) -> File:
    row = record.rows.get(info.filename)
    digest = row.digest if row else ""
    return File(info.filename, info.file_size, info.compress_size, digest or f"{file.name}/{info.filename}")
