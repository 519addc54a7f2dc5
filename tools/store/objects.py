"""Files at an address, a directory or an object store, where each appears whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tools.errors import UserError
from tools.source.place import local_directory

if TYPE_CHECKING:
    from tools.source.fetching import Fetching

AT_ONCE = 16  # small objects written at the same time: each is a round trip of some dozen milliseconds
OBJECT_STORES = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "memory"})  # a put is seen whole
SLASH_KEYS = frozenset({"s3", "s3a"})  # where a key may end in a slash, as a plain S3 endpoint is asked for a folder

Sent = Callable[[int], object]  # is told how many bytes more have gone


class Purpose(NamedTuple):
    """What an address is for, in the words of errors."""

    setting: str
    refused: str  # behind the address
    failed: str  # behind a name


PUBLISHING = Purpose("url", "cannot be published to", "cannot be published")


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """A file that is there."""

    name: str  # below the root
    size: int  # bytes
    modified: float  # seconds since the epoch
    tag: str = ""  # an object store's own digest of the bytes (ETag); empty where it has none


class Readable(Protocol):
    """Names are POSIX paths below the root. Any failure is a UserError with name and cause."""

    @property
    def url(self) -> str:
        """The address of the root."""

    def read(self, name: str) -> bytes | None:
        """Return the content, None where there is no such file."""


class Objects(Readable, Protocol):
    """What can be written to as well."""

    at_once: int  # writes at the same time that make it faster

    def check(self) -> None:
        """Raise where it is plain from the outside that nothing can be written."""

    def create(self, name: str, content: bytes) -> bool:
        """Write a new file and say True; say False, and change nothing, where there is one: of two, one wins."""

    def write(self, name: str, content: bytes, content_type: str = "application/json") -> None:
        """Write a small file in place of what was there."""

    def upload(self, name: str, source: Path, sent: Sent, *, create: bool = False) -> bool:
        """Write a file of any size and say True; with ``create`` say False, and change nothing, where there is one."""

    def holds(self, name: str, source: Path) -> bool:
        """Say whether a file is there with the bytes of ``source``; of an object store its own digest tells.

        Where that tells nothing the answer is no.
        """

    def copy(self, name: str, twin: str, source: Path) -> bool:
        """Write what stands at the URL ``twin`` without moving its bytes here, and say True.

        Say False, and change nothing, where that cannot be done, or where the store's own digest of it is not that of
        the file ``source``.
        """

    def remove(self, *names: str) -> None:
        """Remove files; one that is not there is no error."""

    def look(self, name: str) -> Object | None:
        """Return what is known of a file without reading it, None where there is none."""

    def blocks(self, found: Object, fetching: Fetching) -> Iterable[bytes]:
        """Yield the bytes of a file that was looked at.

        :raises InputChanged: when it is another one by now.
        """

    def below(self, folder: str) -> list[Object]:
        """Return every file in a folder, at any depth, in order of name. Slow in a large store."""


def open_objects(url: str, purpose: Purpose = PUBLISHING) -> Objects:
    """Return the files at ``url``, a path or what fsspec knows: ``file://``, ``s3://bucket/folder``, ``gs://`` ...

    :raises UserError: when the kind of store is not known, needs a package that is not there, or shows files that are
        not whole.
    """
    import fsspec

    from tools.store.bucket import Bucket
    from tools.store.folder import Folder

    try:
        if directory := local_directory(url):
            return Folder(directory, purpose)
        file_system, path = fsspec.core.url_to_fs(url, use_listings_cache=False)
    except (ValueError, ImportError, OSError) as error:
        raise UserError(f"{_cannot(url, purpose)}: {error}") from None
    protocols = {file_system.protocol} if isinstance(file_system.protocol, str) else set(file_system.protocol)
    if not protocols & OBJECT_STORES:
        kinds = ", ".join(sorted({"file", *OBJECT_STORES} - {"memory"}))
        raise UserError(f"{_cannot(url, purpose)}: not one of {kinds}")
    return Bucket(url, file_system, path, purpose, slash_keys=bool(protocols & SLASH_KEYS))


def _cannot(url: str, purpose: Purpose) -> str:
    return f"{purpose.setting}: {url!r} {purpose.refused}"
