"""What a place offers: archives with their states, kept for runs that have no network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from tools.artifact.form import SIDECAR, artifact_of, form_of
from tools.artifact.once import alone_with
from tools.artifact.sidecar import LARGEST, parse_sidecar
from tools.artifact.unpack import Packed
from tools.errors import UserError, listed
from tools.files import write_bytes
from tools.source.patience import Passing, Patience, Tries, Waits, patiently
from tools.source.place import CONNECTIONS, Place, RemoteFile
from tools.values import decode_json, encode_json

Told = Callable[[int], object]  # is told how many bytes more have come


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """An archive at a place. Of one that nobody wanted only the name is certain."""

    file: RemoteFile
    sidecar: RemoteFile | None
    sha256: str | None = None  # what the sidecar says

    @property
    def artifact(self) -> str:
        """The artifact's name."""
        return artifact_of(self.file.name)

    @property
    def state(self) -> str:
        """What changes whenever the archive does."""
        return f"{self.file.version} {self.file.size} {self.sha256}"

    @property
    def is_known(self) -> bool:
        """Say whether its state is."""
        return self.file.size is not None and (self.sidecar is None or self.sha256 is not None)


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """The archives at a place, in order of name."""

    url: str
    archives: tuple[Archive, ...]

    def find(self, artifact: str) -> Archive | None:
        """Return the archive of an artifact, if there is one."""
        return next((archive for archive in self.archives if archive.artifact == artifact), None)


def list_archives(place: Place, patience: Patience, waits: Waits | None = None) -> Listing:
    """Return the archives at a place, of which no state is known yet.

    :raises UserError: when the place cannot be listed, or holds no archive or two of one artifact.
    """
    found = patiently(place.list, f"{place.url}/", patience, waits)
    files = {file.name: file for file in found}
    archives = [_archive(file, files) for file in sorted(found, key=lambda file: file.name) if form_of(file.name)]
    if not archives:
        raise UserError(f"{place.url}/: holds no archive of an artifact; their names are like blas_lib_generic.tar.zst")
    if twice := [name for name, count in Counter(archive.artifact for archive in archives).items() if count > 1]:
        raise UserError(
            f"{place.url}/: artifacts stand there in more than one form: {listed(twice)}; remove all but one"
        )
    return Listing(url=place.url, archives=tuple(archives))


def completed(
    listing: Listing,
    place: Place,
    wanted: Callable[[str], bool],
    *,
    patience: Patience,
    known: Listing | None = None,
    waits: Waits | None = None,
) -> Listing:
    """Return a listing with states and digests of the archives whose artifact is ``wanted``.

    A sidecar that is as ``known`` has it is not read again.

    :raises UserError: when a file cannot be looked at, or a sidecar is wrong.
    """
    old = {archive.file.name: archive for archive in known.archives} if known and known.url == place.url else {}

    def complete(archive: Archive) -> Archive:
        return _complete(archive, place, patience, old, waits) if wanted(archive.artifact) else archive

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        return Listing(url=place.url, archives=tuple(threads.map(complete, listing.archives)))


def keep_listing(file: Path, listing: Listing) -> None:
    """Write a listing for the next run."""
    with alone_with(file):
        write_bytes(file, encode_json(listing))


def kept_listing(file: Path, url: str) -> Listing | None:
    """Return the listing of ``url`` that was kept; None when there is none that can be read."""
    try:
        listing = decode_json(file.read_bytes(), Listing)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return listing if listing.url == url.rstrip("/") else None


def remote_archive(
    url: str,
    place: Callable[[], Place],
    archive: Archive,
    *,
    patience: Patience,
    told: Told | None = None,
    waits: Waits | None = None,
) -> Packed:
    """Return an archive at a URL; ``place`` is opened and the archive fetched when its bytes are asked for."""
    return Packed(
        name=archive.file.name,
        place=f"{url}/{archive.file.name}",
        state=archive.state if archive.sha256 else f"{archive.state} {url}",
        size=archive.file.size or 0,
        sha256=archive.sha256,
        content=archive.sha256 or _content(url, archive.file),
        blocks=lambda: fetch(place(), archive.file, patience=patience, told=told, waits=waits),
    )


def fetch(
    place: Place, file: RemoteFile, *, patience: Patience, told: Told | None = None, waits: Waits | None = None
) -> Iterator[bytes]:
    """Yield the bytes of a file, going on where a connection broke.

    :raises UserError: when nothing comes for as long as ``patience`` says, or the file cannot be had.
    :raises InputChanged: when it is not the version that was found.
    """
    tries, done = Tries(f"{place.url}/{file.name}", patience, waits), 0
    size = file.size or 0
    while done < size:
        try:
            for block in _whole(place.blocks(file, done), size - done):
                done += len(block)
                tries.progress()
                if told:
                    told(len(block))
                yield block
        except Passing as error:
            tries.failed(error)


def _whole(blocks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yield blocks of ``size`` bytes together, and complain when there are fewer."""
    left = size
    for block in blocks:
        left -= len(block)
        yield block
    if left > 0:
        raise Passing(f"the connection ended {left:,} bytes early")


def _content(url: str, file: RemoteFile) -> str | None:
    """Return what tells the bytes of a file from all others in its bucket, and from everything elsewhere."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc} {file.version} {file.size}" if file.is_tag else None


def _archive(file: RemoteFile, files: Mapping[str, RemoteFile]) -> Archive:
    return Archive(file=file, sidecar=files.get(file.name + SIDECAR))


def _complete(
    archive: Archive, place: Place, patience: Patience, old: Mapping[str, Archive], waits: Waits | None
) -> Archive:
    file, sidecar = (_looked(found, place, patience, waits) for found in (archive.file, archive.sidecar))
    assert file is not None
    before = old.get(file.name)
    if before and before.sha256 and (before.file, before.sidecar) == (file, sidecar):
        return before
    return Archive(file=file, sidecar=sidecar, sha256=_digest(sidecar, file.name, place, patience, waits))


def _looked(found: RemoteFile | None, place: Place, patience: Patience, waits: Waits | None) -> RemoteFile | None:
    if found is None or found.size is not None:
        return found
    return patiently(lambda: place.look(found.name), f"{place.url}/{found.name}", patience, waits)


def _digest(
    sidecar: RemoteFile | None, archive: str, place: Place, patience: Patience, waits: Waits | None
) -> str | None:
    if sidecar is None:
        return None
    address = f"{place.url}/{sidecar.name}"
    return parse_sidecar(
        patiently(lambda: place.read(sidecar.name, LARGEST + 1), address, patience, waits), archive, address
    )
