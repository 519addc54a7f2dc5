"""A finished wheel or sdist of another project, taken into the dist as it is, once it is known to be sound."""

from __future__ import annotations

import email.parser
import hashlib
import shutil
import tarfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from tools.dist.gather import place_file
from tools.dist.listing import ALSO, release_of
from tools.errors import UserError
from tools.files import atomic_write, make_directory
from tools.naming import project_name
from tools.receipt import Receipt
from tools.record import UNREADABLE, reason_of
from tools.values import write_json

GENERIC = "generic"
BLOCK = 1 << 20  # bytes read at a time
METADATA_LIMIT = 16 << 20  # bytes; real ones have some kilobytes
TIMEOUT = 60.0  # seconds that a server may be silent


@dataclass(frozen=True, slots=True, kw_only=True)
class AlsoRequest:
    """One file of others: from ``source``, or from ``url`` where that is set."""

    source: Path | None
    url: str  # without its fragment
    sha256: str  # hex, that the file must have; empty: any
    filename: str
    directory: Path  # the file's own
    receipt: Path


def take_also(request: AlsoRequest, context: object = None) -> None:
    """Put the file and its receipt into ``directory``: a hard link, a copy or a download.

    :raises UserError: when it cannot be had, has another digest, or is no sound wheel or sdist of its name.
    """
    make_directory(request.directory)
    file = request.directory / request.filename
    request.receipt.unlink(missing_ok=True)
    if request.source is None:
        _download(request.url, file)
    elif request.source.is_file():
        place_file(request.source.resolve(), file)
    else:
        raise UserError(f"also: {request.source}: is no regular file")
    digest = _sha256(file)
    place = request.source or request.url
    if request.sha256 and digest != request.sha256:
        file.unlink()
        raise UserError(f"also: {place}: has sha256 {digest}, not {request.sha256}")
    text = read_metadata(file, str(place))
    write_json(request.receipt, _receipt(request, text, digest, file.stat().st_size))


def read_metadata(file: Path, place: str) -> str:
    """Return METADATA of a wheel or PKG-INFO of an sdist, once every byte of the archive was read.

    :raises UserError: when the archive is damaged, or says another name or version than its file name; ``place`` is
        named.
    """
    try:
        content = _from_wheel(file) if file.name.endswith(".whl") else _from_sdist(file)
    except (*UNREADABLE, tarfile.TarError) as problem:
        raise UserError(f"also: {place}: is no sound archive: {reason_of(problem)}") from None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise UserError(f"also: {place}: its metadata is not UTF-8") from None
    _check_metadata(text, file.name, place)
    return text


def _from_wheel(file: Path) -> bytes:
    with zipfile.ZipFile(file) as archive:
        if damaged := archive.testzip():
            raise ValueError(f"{damaged} has another CRC than is stated")
        wanted = f"{'-'.join(file.name.split('-')[:2])}.dist-info/METADATA"
        names = [name for name in archive.namelist() if name.casefold() == wanted.casefold()]
        if len(names) != 1 or archive.getinfo(names[0]).file_size > METADATA_LIMIT:
            raise ValueError(f"it must have one {wanted}")
        return archive.read(names[0])


def _from_sdist(file: Path) -> bytes:
    wanted = f"{file.name.removesuffix('.tar.gz')}/PKG-INFO"
    found = None
    with tarfile.open(file, "r:gz") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isreg() else None
            for block in _blocks(content) if content else ():
                if member.name == wanted and member.size <= METADATA_LIMIT:
                    found = (found or b"") + block
    if found is None:
        raise ValueError(f"it has no {wanted}")
    return found


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block


def _check_metadata(text: str, filename: str, place: str) -> None:
    fields = email.parser.HeaderParser().parsestr(text)
    release = release_of(filename)
    assert release, "analysis took the name for that of a wheel or an sdist"
    same = False
    name, version = fields.get("Name", ""), fields.get("Version", "")
    with suppress(InvalidVersion):
        same = (project_name(name), Version(version)) == release
    if not same:
        raise UserError(f"also: {place}: its metadata is of {name} {version}, which its file name is not")
    for line in fields.get_all("Requires-Dist", []):
        _check_requirement(line, place)


def _check_requirement(line: str, place: str) -> None:
    try:
        marker = Requirement(line).marker
    except InvalidRequirement:
        raise UserError(f"also: {place}: Requires-Dist: {line!r} is no requirement as PEP 508 defines it") from None
    try:
        if marker is not None:
            marker.evaluate({"extra": ""})
    except ValueError:  # such as 'python_version ~= "x"'
        raise UserError(f"also: {place}: Requires-Dist: {line!r} has a marker that no installer can evaluate") from None


def _receipt(request: AlsoRequest, text: str, digest: str, size: int) -> Receipt:
    fields = email.parser.HeaderParser().parsestr(text)
    return Receipt(
        package=ALSO,
        family=GENERIC,
        distribution=str(fields["Name"]),
        version=str(Version(fields["Version"])),
        filename=request.filename,
        size=size,
        sha256=digest,
        requires_python=str(fields["Requires-Python"] or ""),
        metadata=text,
        metadata_sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _download(url: str, file: Path) -> None:
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer, atomic_write(file) as written:
            shutil.copyfileobj(answer, written, BLOCK)
    except (urllib.error.URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise UserError(f"also: {url}: cannot be downloaded: {reason}") from None
