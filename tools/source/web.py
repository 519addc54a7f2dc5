"""A place on the web: a page that lists files, as static servers make it, and files that come in ranges."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from tools.errors import InputChanged, UserError
from tools.source.patience import Passing
from tools.source.place import RemoteFile

BLOCK = 1 << 18  # bytes taken at a time, at most
LARGEST_PAGE = 1 << 26  # bytes of a listing
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})  # RFC 9110, 15; 429: RFC 6585; 425: RFC 8470
_HINTS = {
    401: "it asks for credentials, which no setting gives",
    403: "it may not be read; look at the address and the rights",
    404: "it is not there; look at the address",
    410: "it is not there any more",
}


class Web:
    """A folder of a web server, named by its address or by that of a page in it that lists the files."""

    def __init__(self, url: str, *, timeout: float, connections: int) -> None:
        folder, _, page = url.rpartition("/")
        self._page = url if page.endswith((".html", ".htm")) else f"{url.rstrip('/')}/"
        self.url, self._timeout = folder if self._page == url else url.rstrip("/"), timeout
        self._connections = threading.BoundedSemaphore(connections)

    def list(self) -> list[RemoteFile]:
        with self._response(self._page) as response:
            page = _all(response, LARGEST_PAGE).decode("utf-8", "replace")
            base = response.geturl()
        links = _Links()
        links.feed(page)
        names = {name for link in links.found if (name := _name_below(base, link))}
        return [RemoteFile(name=name, size=None, version="") for name in sorted(names)]

    def look(self, name: str) -> RemoteFile:
        with self._response(self._address(name), method="HEAD") as response:
            return self._found(name, response.headers)

    def read(self, name: str, most: int) -> bytes:
        with self._response(self._address(name)) as response:
            return _all(response, most)

    def blocks(self, found: RemoteFile, start: int) -> Iterator[bytes]:
        wanted = {"Range": f"bytes={start}-"} if start else {}
        with self._response(self._address(found.name), headers=wanted) as response:
            is_part = response.status == http.HTTPStatus.PARTIAL_CONTENT
            self._check(found, response.headers, start if is_part else 0)
            left_out = 0 if is_part else start  # a server without ranges begins anew
            while block := response.read1(BLOCK):  # what is there: read() loses it when the connection breaks
                if len(block) > left_out:
                    yield block[left_out:]
                left_out = max(0, left_out - len(block))

    def _check(self, found: RemoteFile, headers: Message, start: int) -> None:
        """A part says the whole size behind a slash (RFC 9110, 14.4)."""
        length = headers.get("Content-Range", "").rpartition("/")[2] if start else headers.get("Content-Length")
        if _version(headers) != found.version or length != str(found.size):
            raise InputChanged(f"{self._address(found.name)}: changed since it was listed; run again")

    def _found(self, name: str, headers: Message) -> RemoteFile:
        length, version = headers.get("Content-Length", ""), _version(headers)
        if not length.isdigit() or not version:
            raise UserError(
                f"{self._address(name)}: the server tells no Content-Length, or neither ETag nor Last-Modified, so no "
                f"change could be noticed; fetch the archives into a directory and set artifact_dir to it"
            )
        return RemoteFile(name=name, size=int(length), version=version)

    def _address(self, name: str) -> str:
        return f"{self.url}/{quote(name)}"

    @contextmanager
    def _response(self, address: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Iterator[Any]:
        request = urllib.request.Request(
            address, method=method, headers={"Accept-Encoding": "identity", "User-Agent": "rules-rocm-wheels"}
        )
        for key, value in (headers or {}).items():
            request.add_header(key, value)
        with (
            self._connections,
            _failures(address, self._timeout),
            urllib.request.urlopen(request, timeout=self._timeout) as response,
        ):
            yield response


@contextmanager
def _failures(address: str, timeout: float) -> Iterator[None]:
    """Sort what urllib and sockets raise into what may pass and what does not."""
    try:
        yield
    except urllib.error.HTTPError as error:
        reason = f"HTTP {error.code} {error.reason}"
        after = _seconds(error.headers.get("Retry-After"))
        error.close()
        if error.code in _PASSING:
            raise Passing(reason, after) from None
        hint = _HINTS.get(error.code, "look at the address")
        raise UserError(f"{address}: cannot be fetched: {reason}: {hint}") from None
    except (OSError, http.client.HTTPException) as error:
        cause = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(cause, TimeoutError):
            raise Passing(f"silent for {timeout:.0f} s") from None
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise UserError(f"{address}: cannot be fetched: {cause.verify_message}") from None
        if isinstance(cause, socket.gaierror) and cause.errno != socket.EAI_AGAIN:
            raise UserError(f"{address}: cannot be fetched: no such host; look at the address") from None
        words = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
        raise Passing(words) from None


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for key, value in attrs if key == "href" and value]


def _name_below(base: str, link: str) -> str:
    """Return the name of the file that a link of the page leads to; "" when that is elsewhere or a folder."""
    try:
        here, there = urlsplit(base), urlsplit(urljoin(base, link))
    except ValueError:
        return ""
    folder, _, name = unquote(there.path).rpartition("/")
    if there.netloc != here.netloc or folder != unquote(here.path).rpartition("/")[0]:
        return ""
    return name


def _version(headers: Message) -> str:
    return headers.get("ETag") or headers.get("Last-Modified") or ""


def _all(response: Any, most: int) -> bytes:
    """Return a small body; a connection that ends early is noticed by its length."""
    content = bytes(response.read(most))
    length = response.headers.get("Content-Length", "")
    if length.isdigit() and len(content) < min(int(length), most):
        raise Passing(f"ended after {len(content):,} of {int(length):,} bytes")
    return content


def _seconds(asked: str | None) -> float | None:
    """Return what Retry-After asks for: seconds, or a date (RFC 9110, 10.2.3)."""
    if asked is None:
        return None
    if asked.strip().isdigit():
        return float(asked)
    try:
        return max(0.0, (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
