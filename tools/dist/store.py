"""A place to publish to: a directory or an object store, where every file appears whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from tools.errors import UserError
from tools.files import atomic_write, make_directory, obstacle, reading, write_bytes

BLOCK = 1 << 20  # bytes copied at a time
AT_ONCE = 16  # small objects written at the same time: each is a round trip of some dozen milliseconds
OBJECT_STORES = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "memory"})  # a put is seen whole
KEYS_A_REQUEST = 1000  # that S3 removes at most
SLASH_KEYS = frozenset({"s3", "s3a"})  # where a key may end in a slash, as a plain S3 endpoint is asked for a folder

Sent = Callable[[int], object]  # is told how many bytes more have gone


class Readable(Protocol):
    """Names are POSIX paths below the root. Any failure is a UserError with name and cause."""

    @property
    def url(self) -> str:
        """The address of the root."""

    def read(self, name: str) -> bytes | None:
        """Return the content, None where there is no such file."""


class Store(Readable, Protocol):
    """What can be written to as well."""

    at_once: int  # writes at the same time that make it faster

    def check(self) -> None:
        """Raise where it is plain from the outside that nothing can be written."""

    def create(self, name: str, content: bytes) -> bool:
        """Write a new file and say True; say False, and change nothing, where there is one: of two, one wins."""

    def write(self, name: str, content: bytes, content_type: str = "application/json") -> None:
        """Write a small file in place of what was there."""

    def upload(self, name: str, source: Path, sent: Sent) -> None:
        """Write a file of any size in place of what was there."""

    def remove(self, *names: str) -> None:
        """Remove files; one that is not there is no error."""


def open_store(url: str) -> Store:
    """Return the store at ``url``, a path or what fsspec knows: ``file://``, ``s3://bucket/folder``, ``gs://`` ...

    :raises UserError: when the kind of store is not known, needs a package that is not there, or cannot do what
        publishing needs.
    """
    import fsspec

    try:
        file_system, path = fsspec.core.url_to_fs(url, use_listings_cache=False)
    except (ValueError, ImportError, OSError) as error:
        raise UserError(f"url: {url!r} cannot be published to: {error}") from None
    protocols = {file_system.protocol} if isinstance(file_system.protocol, str) else set(file_system.protocol)
    if "file" in protocols:
        return Folder(Path(path))
    if not protocols & OBJECT_STORES:
        kinds = ", ".join(sorted({"file", *OBJECT_STORES} - {"memory"}))
        raise UserError(f"url: {url!r} cannot be published to: not one of {kinds}")
    return Bucket(url, file_system, path, slash_keys=bool(protocols & SLASH_KEYS))


class Folder:
    """A directory."""

    at_once = 1

    def __init__(self, root: Path) -> None:
        self.url, self._root = str(root), root

    def check(self) -> None:
        if problem := obstacle(self._root):
            raise UserError(f"url: {self.url}: cannot be published to: {problem}")

    def read(self, name: str) -> bytes | None:
        with self._failures(name):
            try:
                return (self._root / name).read_bytes()
            except FileNotFoundError:
                return None

    def create(self, name: str, content: bytes) -> bool:
        """A link to a finished file: link(2) fails where the name is taken, and nobody sees half of it."""
        path = self._root / name
        with self._failures(name):
            temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
            make_directory(path.parent)
            write_bytes(temporary, content)
            try:
                os.link(temporary, path)
            except FileExistsError:
                return False
            finally:
                temporary.unlink()
            return True

    def write(self, name: str, content: bytes, content_type: str = "application/json") -> None:
        write_bytes(self._root / name, content)

    def upload(self, name: str, source: Path, sent: Sent) -> None:
        with (
            self._failures(name),
            reading(source),
            source.open("rb") as reader,
            atomic_write(self._root / name) as file,
        ):
            while block := reader.read(BLOCK):
                file.write(block)
                sent(len(block))

    def remove(self, *names: str) -> None:
        for name in names:
            path = self._root / name
            with self._failures(name):
                path.unlink(missing_ok=True)
                if path.parent != self._root and path.parent.is_dir() and not any(path.parent.iterdir()):
                    shutil.rmtree(path.parent, ignore_errors=True)

    @contextmanager
    def _failures(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UserError(f"{self._root / name}: cannot be published: {error.strerror}") from None


class Bucket:
    """An object store, by fsspec. It never lists: that is slow, costs money and may need a permission of its own."""

    def __init__(self, url: str, file_system: Any, path: str, *, slash_keys: bool) -> None:
        self.url, self._store, self._path, self._slash_keys = url.rstrip("/"), file_system, path.rstrip("/"), slash_keys
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

    def upload(self, name: str, source: Path, sent: Sent) -> None:
        from fsspec.callbacks import Callback

        class Report(Callback):  # type: ignore[misc]  # fsspec has no types
            def relative_update(self, inc: int = 1) -> None:
                sent(inc)

        with self._failures(name):
            self._store.put_file(str(source), f"{self._path}/{name}", callback=Report())

    def remove(self, *names: str) -> None:
        if self._slash_keys:
            keys = [key for name in names for key in (name, self._folder_of(name)) if key is not None]
            for first in range(0, len(keys), KEYS_A_REQUEST):
                self._remove_keys(keys[first : first + KEYS_A_REQUEST])
            return
        for name in names:
            with self._failures(name), suppress(FileNotFoundError):
                self._store.rm_file(f"{self._path}/{name}")

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
            raise UserError(f"{self.url}/{name}: cannot be published: {reason}") from None
