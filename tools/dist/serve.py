"""A dist on localhost, as a web server that knows what installers ask for would serve it."""

from __future__ import annotations

import io
import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from tools.dist.simple import HTML_TYPE, JSON_TYPE
from tools.errors import UserError

LATEST_JSON, LATEST_HTML = JSON_TYPE.replace("v1", "latest"), HTML_TYPE.replace("v1", "latest")  # PEP 691
BLOCK = 1 << 18  # bytes sent at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeRequest:
    """A dist and where to offer it."""

    dist_dir: Path
    host: str = "127.0.0.1"
    port: int = 8000  # 0: any free one


def serve(request: ServeRequest) -> None:
    """Serve until Ctrl-C, and say on standard output where.

    :raises UserError: when there is no index, or the port is taken.
    """
    with make_server(request) as server:
        host, port = server.server_address[:2]
        print(f"serving {request.dist_dir} at http://{host!s}:{port}/ (Ctrl-C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


def check_port(request: ServeRequest) -> None:
    """Find out whether the port is free, before there is anything to serve.

    :raises UserError: when it is taken, or nobody may have it.
    """
    try:
        with socket.create_server((request.host, request.port)):
            pass
    except OSError as error:
        raise _not_served(request, error) from None


def make_server(request: ServeRequest, handler: type[DistHandler] | None = None) -> ThreadingHTTPServer:
    """Return a server that is bound and answers as soon as ``serve_forever`` runs, a thread for each client."""
    if not (request.dist_dir / "index.html").is_file():
        raise UserError(f"{request.dist_dir}: has no index.html; run doit index")
    try:
        return _Server((request.host, request.port), partial(handler or DistHandler, directory=str(request.dist_dir)))
    except OSError as error:
        raise _not_served(request, error) from None


def _not_served(request: ServeRequest, error: OSError) -> UserError:
    reason = os.strerror(error.errno or 0)
    return UserError(f"port: {request.host}:{request.port} cannot be served at: {reason}; port=0 takes any free one")


class _Server(ThreadingHTTPServer):
    daemon_threads = True


class DistHandler(SimpleHTTPRequestHandler):
    """Files with ranges, so that installers can read a wheel's directory only, and PEP 691 for ``simple/``."""

    protocol_version = "HTTP/1.1"
    directory: str

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        """Send status and headers and return what is left to send; it stands at the first byte wanted."""
        path, content_type = self._find()
        if path.is_dir():
            self._send(HTTPStatus.MOVED_PERMANENTLY, {"Location": urlsplit(self.path).path + "/"})
            return None
        try:
            file = path.open("rb")  # do_GET closes it
        except OSError:
            self.send_error(HTTPStatus.NOT_FOUND, "No such file")
            return None
        size = file.seek(0, io.SEEK_END)
        wanted = parse_range(self.headers.get("Range", ""), size)
        if wanted is None:
            file.close()
            self._send(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, {"Content-Range": f"bytes */{size}"})
            return None
        start, stop = wanted
        headers = {"Content-Type": content_type, "Accept-Ranges": "bytes", "Vary": "Accept"}
        headers["Cache-Control"] = "no-cache"  # the next build has the same names
        if stop - start < size:
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
        self._send(HTTPStatus.PARTIAL_CONTENT if stop - start < size else HTTPStatus.OK, headers, stop - start)
        file.seek(start)
        return file

    def _send(self, status: HTTPStatus, headers: Mapping[str, str], length: int = 0) -> None:
        self._left = length
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def copyfile(self, source: Any, outputfile: Any) -> None:
        """Send what the headers promised."""
        while self._left > 0 and (block := source.read(min(BLOCK, self._left))):
            outputfile.write(block)
            self._left -= len(block)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet about each request; errors are the client's to show."""

    def _find(self) -> tuple[Path, str]:
        """Return the file a request means and its content type."""
        address = urlsplit(self.path).path
        path = Path(self.translate_path(address))
        if not address.endswith("/"):
            return path, self.guess_type(path)
        if address.startswith("/simple/"):
            content_type = negotiate(self.headers.get("Accept", ""))
            return path / ("index.json" if content_type.endswith("json") else "index.html"), content_type
        return path / "index.html", "text/html; charset=utf-8"


def negotiate(accept: str) -> str:
    """Return the content type to answer an Accept header with (PEP 691, RFC 9110 12.5.1); HTML when in doubt."""
    offers = {JSON_TYPE: JSON_TYPE, LATEST_JSON: JSON_TYPE, HTML_TYPE: HTML_TYPE, LATEST_HTML: HTML_TYPE}
    best, best_quality = "text/html; charset=utf-8", 0.0
    for item in accept.split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        if (quality := _quality(parameters)) > best_quality:
            if name in offers:
                best, best_quality = offers[name], quality
            elif name in {"text/html", "text/*", "*/*"}:
                best, best_quality = "text/html; charset=utf-8", quality
    return best


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """Return the (start, stop) that a Range header asks for (RFC 9110 14.1.2), None if there are no such bytes.

    Anything but one range of bytes is taken for no header: the whole file.
    """
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", header.strip())
    if not match or not (match[1] or match[2]):
        return 0, size
    if not match[1]:
        start, stop = max(0, size - int(match[2])), size
    else:
        start, stop = int(match[1]), min(size, int(match[2] or size) + 1)
    if match[1] and match[2] and int(match[2]) < int(match[1]):
        return 0, size
    return (start, stop) if start < stop else None


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if match := re.fullmatch(r"q\s*=\s*([01](?:\.\d{0,3})?)", parameter):
            return float(match[1])
    return 1.0
