"""An object store, by fsspec, as a place of files that appear whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.errors import UserError
from tools.files import reading
from tools.store.objects import AT_ONCE, SLASH_KEYS, Object, Purpose, Sent

if TYPE_CHECKING:
    from tools.source.fetching import Fetching

PART = 16 << 20  # bytes of an upload's part; S3 takes 10,000 parts of at least 5 MiB
PARTS = 4  # of one file under way at the same time, each in memory
KEYS_A_REQUEST = 1000  # that S3 removes at most
_TIMES = ("LastModified", "last_modified", "updated", "created")  # s3, abfs, gs, memory


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


def tag_of(file: Path) -> str:
    """Return the ETag that S3 gives a file that :class:`Bucket` uploads: MD5, or MD5 of those of its parts."""
    with reading(file), file.open("rb") as content:
        if file.stat().st_size < 2 * PART:  # as s3fs decides
            return hashlib.file_digest(content, _md5).hexdigest()
        parts = [_md5(part).digest() for part in iter(lambda: content.read(PART), b"")]
    return f"{_md5(b''.join(parts)).hexdigest()}-{len(parts)}"


def _object(name: str, row: dict[str, Any]) -> Object:
    times = (row[key] for key in _TIMES if row.get(key))
    moment = next((time.timestamp() if hasattr(time, "timestamp") else float(time) for time in times), 0.0)
    tag = str(row.get("ETag") or row.get("etag") or "").strip('"')
    return Object(name=name, size=row["size"], modified=moment, tag=tag)


def _md5(content: bytes = b"") -> hashlib._Hash:
    return hashlib.md5(content, usedforsecurity=False)
