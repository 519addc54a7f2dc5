"""Files at an address, a directory or an object store, where each appears whole or not at all."""

from __future__ import annotations

import filecmp
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from tools.errors import UserError
from tools.files import atomic_write, make_directory, obstacle, reading, write_bytes

if TYPE_CHECKING:
    from tools.source.fetching import Fetching

BLOCK = 1 << 20  # bytes copied at a time
PART = 16 << 20  # bytes of an upload's part; S3 takes 10,000 parts of at least 5 MiB
PARTS = 4  # of one file under way at the same time, each in memory
AT_ONCE = 16  # small objects written at the same time: each is a round trip of some dozen milliseconds
OBJECT_STORES = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "memory"})  # a put is seen whole
KEYS_A_REQUEST = 1000  # that S3 removes at most
SLASH_KEYS = frozenset({"s3", "s3a"})  # where a key may end in a slash, as a plain S3 endpoint is asked for a folder

_TIMES = ("LastModified", "last_modified", "updated", "created")  # s3, abfs, gs, memory

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

    try:
        file_system, path = fsspec.core.url_to_fs(url, use_listings_cache=False)
    except (ValueError, ImportError, OSError) as error:
        raise UserError(f"{_cannot(url, purpose)}: {error}") from None
    protocols = {file_system.protocol} if isinstance(file_system.protocol, str) else set(file_system.protocol)
    if "file" in protocols:
        return Folder(Path(path), purpose)
    if not protocols & OBJECT_STORES:
        kinds = ", ".join(sorted({"file", *OBJECT_STORES} - {"memory"}))
        raise UserError(f"{_cannot(url, purpose)}: not one of {kinds}")
    return Bucket(url, file_system, path, purpose, slash_keys=bool(protocols & SLASH_KEYS))


def tag_of(file: Path) -> str:
    """Return the ETag that S3 gives a file that :class:`Bucket` uploads: MD5, or MD5 of those of its parts."""
    with reading(file), file.open("rb") as content:
        if file.stat().st_size < 2 * PART:  # as s3fs decides
            return hashlib.file_digest(content, _md5).hexdigest()
        parts = [_md5(part).digest() for part in iter(lambda: content.read(PART), b"")]
    return f"{_md5(b''.join(parts)).hexdigest()}-{len(parts)}"


class Folder:
    """A directory."""

    at_once = 1

    def __init__(self, root: Path, purpose: Purpose) -> None:
        self.url, self._root, self._purpose = str(root), root, purpose

    def check(self) -> None:
        if problem := obstacle(self._root):
            raise UserError(f"{self._purpose.setting}: {self.url}: {self._purpose.refused}: {problem}")

    def read(self, name: str) -> bytes | None:
        with self._failures(name):
            try:
                return (self._root / name).read_bytes()
            except FileNotFoundError:
                return None

    def create(self, name: str, content: bytes) -> bool:
        """A link to a finished file: link(2) fails where the name is taken, and nobody sees half of it."""
        with self._new(name) as temporary:
            write_bytes(temporary, content)
            return self._named(temporary, name)

    def write(self, name: str, content: bytes, content_type: str = "application/json") -> None:
        write_bytes(self._root / name, content)

    def upload(self, name: str, source: Path, sent: Sent, *, create: bool = False) -> bool:
        if not create:
            with self._failures(name):
                _copied(source, self._root / name, sent)
            return True
        with self._new(name) as temporary:
            _copied(source, temporary, sent)
            return self._named(temporary, name)

    def holds(self, name: str, source: Path) -> bool:
        with self._failures(name):
            try:
                return filecmp.cmp(self._root / name, source, shallow=False)
            except FileNotFoundError:
                return False

    def copy(self, name: str, twin: str, source: Path) -> bool:
        """Say no: a disk has no server's side."""
        return False

    def remove(self, *names: str) -> None:
        for name in names:
            path = self._root / name
            with self._failures(name):
                path.unlink(missing_ok=True)
                if path.parent != self._root and path.parent.is_dir() and not any(path.parent.iterdir()):
                    shutil.rmtree(path.parent, ignore_errors=True)

    def look(self, name: str) -> Object | None:
        with self._failures(name):
            try:
                facts = (self._root / name).stat()
            except (FileNotFoundError, NotADirectoryError):
                return None
            return Object(name=name, size=facts.st_size, modified=facts.st_mtime)

    def blocks(self, found: Object, fetching: Fetching) -> Iterable[bytes]:
        path = self._root / found.name
        with reading(path), path.open("rb") as file:
            yield from iter(lambda: file.read(BLOCK), b"")

    def below(self, folder: str) -> list[Object]:
        with self._failures(folder):
            paths = sorted(path for path in (self._root / folder).rglob("*") if path.is_file())
        found = (self.look(path.relative_to(self._root).as_posix()) for path in paths)
        return [one for one in found if one]

    @contextmanager
    def _new(self, name: str) -> Iterator[Path]:
        """Yield the path of a file that does not stay, where one is written that may get the name."""
        path = self._root / name
        temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
        with self._failures(name):
            make_directory(path.parent)
            try:
                yield temporary
            finally:
                temporary.unlink(missing_ok=True)

    def _named(self, temporary: Path, name: str) -> bool:
        try:
            os.link(temporary, self._root / name)
        except FileExistsError:
            return False
        return True

    @contextmanager
    def _failures(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UserError(f"{self._root / name}: {self._purpose.failed}: {error.strerror}") from None


class Bucket:
    """An object store, by fsspec. Only ``below`` lists: that is slow, costs money and may need a permission."""

    def __init__(self, url: str, file_system: Any, path: str, purpose: Purpose, *, slash_keys: bool) -> None:
        self.url, self._store, self._path, self._slash_keys = url.rstrip("/"), file_system, path.rstrip("/"), slash_keys
        self._purpose = purpose
        self.at_once = AT_ONCE if slash_keys else 1

    def check(self) -> None:
        """Only a write could tell."""

    def read(self, name: str) -> bytes | None:
        at_once = {"max_concurrency": 1} if self._slash_keys else {}  # pieces could be of two versions of the file
        with self._failures(name):
            try:
                return bytes(self._store.cat_file(f"{self._path}/{name}", **at_once))
            except FileNotFoundError:
                return None

    def create(self, name: str, content: bytes) -> bool:
        with self._failures(name):
            try:
                self._store.pipe_file(f"{self._path}/{name}", content, mode="create")
            except FileExistsError:
                return False
            return True

    def write(self, name: str, content: bytes, content_type: str = "application/json") -> None:
        headers = {"ContentType": content_type, "CacheControl": "no-cache"} if self._slash_keys else {}
        with self._failures(name):
            folder = self._folder_of(name)
            if folder is None or name.endswith(".html"):
                self._store.pipe_file(f"{self._path}/{name}", content, **headers)
            if folder is not None:
                self._put(folder, Body=content, **headers)

    def upload(self, name: str, source: Path, sent: Sent, *, create: bool = False) -> bool:
        from fsspec.callbacks import Callback

        class Report(Callback):  # type: ignore[misc]  # fsspec has no types
            def relative_update(self, inc: int = 1) -> None:
                sent(inc)

        options: dict[str, Any] = {"chunksize": PART, "max_concurrency": PARTS} if self._slash_keys else {}
        with self._failures(name):
            try:
                mode = "create" if create else "overwrite"
                self._store.put_file(str(source), f"{self._path}/{name}", callback=Report(), mode=mode, **options)
            except FileExistsError:
                return False
            return True

    def holds(self, name: str, source: Path) -> bool:
        return self._holds(f"{self._path}/{name}", name, source)

    def copy(self, name: str, twin: str, source: Path) -> bool:
        if not self._slash_keys or twin.partition("://")[0] not in SLASH_KEYS:
            return False
        if not self._holds(twin, name, source):
            return False
        with self._failures(name):
            self._store.cp_file(twin, f"{self._path}/{name}")
            return True

    def remove(self, *names: str) -> None:
        if self._slash_keys:
            keys = [key for name in names for key in (name, self._folder_of(name)) if key is not None]
            for first in range(0, len(keys), KEYS_A_REQUEST):
                self._remove_keys(keys[first : first + KEYS_A_REQUEST])
            return
        for name in names:
            with self._failures(name), suppress(FileNotFoundError):
                self._store.rm_file(f"{self._path}/{name}")

    def look(self, name: str) -> Object | None:
        with self._failures(name):
            try:
                row = self._store.info(f"{self._path}/{name}", refresh=True)
            except FileNotFoundError:
                return None
            return _object(name, row) if row["type"] == "file" else None

    def blocks(self, found: Object, fetching: Fetching) -> Iterable[bytes]:
        """They come as those of archives do: in parts, and again where a connection breaks."""
        from tools.source.listing import fetch
        from tools.source.patience import PATIENCE, patiently

        place = fetching.place(self.url, PATIENCE)
        file = patiently(lambda: place.look(found.name), f"{self.url}/{found.name}", PATIENCE, fetching.waits)
        return fetch(place, file, patience=PATIENCE, waits=fetching.waits)

    def below(self, folder: str) -> list[Object]:
        with self._failures(folder):
            try:
                rows = self._store.find(f"{self._path}/{folder}", detail=True)
            except FileNotFoundError:
                return []
        root = f"{self._path.strip('/')}/"
        found = [_object(path.lstrip("/").removeprefix(root), row) for path, row in rows.items()]
        return sorted(found, key=lambda one: one.name)

    def _holds(self, path: str, name: str, source: Path) -> bool:
        with self._failures(name):
            try:
                tag = _object(name, self._store.info(path, refresh=True)).tag
            except FileNotFoundError:
                return False
            return tag == tag_of(source)

    def _remove_keys(self, names: Sequence[str]) -> None:
        bucket, _ = self._split("")
        objects = [{"Key": self._split(name)[1]} for name in names]
        with self._failures(names[0]):
            answer = self._store.call_s3("delete_objects", Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
        for error in answer.get("Errors", []):
            raise UserError(f"{self.url}: {error['Key']} cannot be removed: {error.get('Message') or error['Code']}")

    def _folder_of(self, name: str) -> str | None:
        """Return the key under which a page answers for its folder, None where it does not.

        In a tree of JSON there is nothing else: installers ask for ``NAME/`` and go by the content type.
        """
        if not self._slash_keys or "/" not in name:
            return None
        if name.endswith("/index.html"):
            return name.removesuffix("index.html")
        is_json = name.partition("/")[0].endswith("-json") and name.endswith("/index.json")
        return name.removesuffix("index.json") if is_json else None

    def _put(self, name: str, **request: object) -> None:
        bucket, key = self._split(name)
        self._store.call_s3("put_object", Bucket=bucket, Key=key, **request)

    def _split(self, name: str) -> tuple[str, str]:
        bucket, _, key = f"{self._path}/{name}".partition("/")
        return bucket, key

    @contextmanager
    def _failures(self, name: str) -> Iterator[None]:
        """Whatever the client of a store raises, it is about the store: each has exceptions of its own."""
        try:
            yield
        except UserError:
            raise
        except Exception as error:
            reason = str(error) or type(error).__name__
            raise UserError(f"{self.url}/{name}: {self._purpose.failed}: {reason}") from None


def _cannot(url: str, purpose: Purpose) -> str:
    return f"{purpose.setting}: {url!r} {purpose.refused}"


def _copied(source: Path, target: Path, sent: Sent) -> None:
    with reading(source), source.open("rb") as reader, atomic_write(target) as file:
        while block := reader.read(BLOCK):
            file.write(block)
            sent(len(block))


def _object(name: str, row: dict[str, Any]) -> Object:
    times = (row[key] for key in _TIMES if row.get(key))
    moment = next((time.timestamp() if hasattr(time, "timestamp") else float(time) for time in times), 0.0)
    tag = str(row.get("ETag") or row.get("etag") or "").strip('"')
    return Object(name=name, size=row["size"], modified=moment, tag=tag)


def _md5(content: bytes = b"") -> hashlib._Hash:
    return hashlib.md5(content, usedforsecurity=False)
