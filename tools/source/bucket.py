"""A place in an object store, by fsspec."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import msgspec

from tools.errors import InputChanged, UserError
from tools.source.patience import Passing
from tools.source.place import RemoteFile

PART = 1 << 22  # bytes asked for at a time
AHEAD = 3  # parts of one file that are under way or wait to be taken
_S3 = frozenset({"s3", "s3a"})
_VERSIONS = ("ETag", "etag", "LastModified", "last_modified", "updated", "mtime", "created")  # s3, gs, abfs, others


def open_bucket(url: str, *, timeout: float, connections: int) -> Bucket:
    """Return the folder of a bucket; anonymous where no credentials are.

    :raises UserError: when the kind of store is not known, or needs a package that is not there.
    """
    import fsspec

    protocol = url.partition("://")[0]
    options = _s3_options(timeout, connections) if protocol in _S3 else {}
    try:
        file_system, path = fsspec.core.url_to_fs(url, use_listings_cache=False, skip_instance_cache=True, **options)
    except (ValueError, ImportError, OSError) as error:
        raise UserError(f"artifact_dir: {url!r} cannot be read: {error}") from None
    if protocol in _S3:
        file_system.retries = 1  # what may pass is tried again here, where somebody is told
    return Bucket(url, file_system, path, connections=connections)


def _s3_options(timeout: float, connections: int) -> dict[str, Any]:
    """Without credentials requests are not signed, as public buckets want it."""
    from botocore.session import Session

    config = {
        "connect_timeout": min(timeout, 20.0),
        "read_timeout": timeout,
        "retries": {"max_attempts": 1},
        "max_pool_connections": connections,
    }
    return {"anon": Session().get_credentials() is None, "config_kwargs": config}


class Bucket:
    """A folder of an object store. Parts of a file come by several connections, in order."""

    def __init__(self, url: str, file_system: Any, path: str, *, connections: int) -> None:
        self.url, self._store, self._path = url.rstrip("/"), file_system, path.rstrip("/")
        self._connections = connections
        self._pool: ThreadPoolExecutor | None = None
        self._starting = threading.Lock()

    def list(self) -> list[RemoteFile]:
        with self._failures(""):
            rows = self._store.ls(self._path, detail=True, refresh=True)
        return [self._found(row) for row in rows if row["type"] == "file" and not row["name"].endswith("/")]

    def look(self, name: str) -> RemoteFile:
        with self._failures(name):
            row = self._store.info(f"{self._path}/{name}", refresh=True)
        return msgspec.structs.replace(self._found(row), name=name)

    def read(self, name: str, most: int) -> bytes:
        with self._failures(name):
            return bytes(self._store.cat_file(f"{self._path}/{name}", start=0, end=most))

    def blocks(self, found: RemoteFile, start: int) -> Iterator[bytes]:
        size = found.size or 0
        starts = iter(range(start, size, PART))
        parts: deque[Future[bytes]] = deque()
        try:
            for _ in range(AHEAD):
                self._ask(found, starts, parts)
            while parts:
                part = parts.popleft().result()
                self._ask(found, starts, parts)
                yield part
        finally:
            for future in parts:
                future.cancel()
        if self.look(found.name) != found:
            raise InputChanged(f"{self.url}/{found.name}: changed since it was listed; run again")

    def _ask(self, found: RemoteFile, starts: Iterator[int], parts: deque[Future[bytes]]) -> None:
        if (start := next(starts, None)) is not None:
            parts.append(self._threads().submit(self._part, found, start))

    def _part(self, found: RemoteFile, start: int) -> bytes:
        end = min(start + PART, found.size or 0)
        with self._failures(found.name):
            part = bytes(self._store.cat_file(f"{self._path}/{found.name}", start=start, end=end))
        if len(part) != end - start:
            raise InputChanged(f"{self.url}/{found.name}: changed since it was listed; run again")
        return part

    def _threads(self) -> ThreadPoolExecutor:
        with self._starting:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._connections, thread_name_prefix="fetch")
            return self._pool

    def _found(self, row: dict[str, Any]) -> RemoteFile:
        version = next((str(row[key]) for key in _VERSIONS if row.get(key)), "")
        return RemoteFile(
            name=row["name"].rpartition("/")[2],
            size=row["size"],
            version=version.strip('"'),
            is_tag=bool(row.get("ETag") or row.get("etag")),
        )

    @contextmanager
    def _failures(self, name: str) -> Iterator[None]:
        """Sort what the clients of stores raise, each with exceptions of its own."""
        place = f"{self.url}/{name}"
        try:
            yield
        except (UserError, Passing):
            raise
        except FileNotFoundError:
            raise UserError(f"{place}: cannot be fetched: it is not there; look at the address") from None
        except PermissionError as error:
            raise UserError(
                f"{place}: cannot be fetched: {error or 'access denied'}; look at the address and the credentials"
            ) from None
        except Exception as error:
            raise Passing(str(error) or type(error).__name__) from None
