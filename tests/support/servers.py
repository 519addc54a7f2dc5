"""Servers that are slow, break off and refuse, as those of the world do."""

from __future__ import annotations

import contextlib
import html
import os
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote

Fault = Callable[["Handler", bytes], bool]  # does something else than the rest, and says whether that was all


class Faulty(ThreadingHTTPServer):
    """Serves a directory with a listing; ``faults`` are used up one a request for a file's bytes."""

    daemon_threads = True

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.root, self.faults, self.asked = root, list[Fault](), list[str]()
        self.ranges = True
        self.headers = {"ETag", "Last-Modified", "Content-Length"}
        self.most, self.now, self.counting = 0, 0, threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/run-linux"

    def handle_error(self, request, client_address) -> None:
        """A client that goes is none."""


class Handler(BaseHTTPRequestHandler):
    server: Faulty

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        with self.server.counting:
            self.server.now += 1
            self.server.most = max(self.server.most, self.server.now)
        try:
            self._answer(with_body=True)
        finally:
            with self.server.counting:
                self.server.now -= 1

    def _answer(self, *, with_body: bool) -> None:
        name = unquote(self.path).removeprefix("/run-linux/")
        self.server.asked.append(f"{self.command} {name} {self.headers.get('Range', '')}".strip())
        file = self.server.root / name
        if not name:
            names = sorted(path.name + "/" * path.is_dir() for path in self.server.root.iterdir())
            links = "".join(f'<li><a href="{quote(entry)}">{html.escape(entry)}</a></li>' for entry in names)
            self._send(f'<a href="../">up</a> <a href="?C=M">sort</a> <a href="/x/y.tar">x</a> {links}'.encode())
        elif not file.is_file():
            self.send_error(404)
        elif with_body:
            content = file.read_bytes()
            fault = self.server.faults.pop(0) if self.server.faults and file.suffix != ".sha256sum" else None
            if fault is None or not fault(self, content):
                self._file(file, content)
        else:
            self._head(200, file.read_bytes(), file)
            self.end_headers()

    def _file(self, file: Path, content: bytes) -> None:
        start = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if start and self.server.ranges:
            part = content[int(start[1]) :]
            self._head(206, part, file)
            self.send_header("Content-Range", f"bytes {start[1]}-{len(content) - 1}/{len(content)}")
        else:
            part = content
            self._head(200, part, file)
        self.end_headers()
        self.wfile.write(part)

    def _head(self, status: int, part: bytes, file: Path) -> None:
        self.send_response(status)
        facts = file.stat()
        known = {
            "Content-Length": str(len(part)),
            "ETag": f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"',
            "Last-Modified": self.date_time_string(int(facts.st_mtime)),
        }
        for key in sorted(self.server.headers):
            self.send_header(key, known[key])

    def _send(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def reset(self) -> None:
        """End the connection with RST, as a router that forgot it does."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def refuse(status: int, handler: Handler, content: bytes, after: str | None = None) -> bool:
    handler.send_response(status)
    if after is not None:
        handler.send_header("Retry-After", after)
    handler.send_header("Content-Length", "0")
    handler.end_headers()
    return True


def break_off(after: int, handler: Handler, content: bytes, *, reset: bool) -> bool:
    """Send ``after`` bytes more than were there, then end the connection."""
    start = int((re.findall(r"\d+", handler.headers.get("Range", "")) or ["0"])[0]) if handler.server.ranges else 0
    file = handler.server.root / unquote(handler.path).rpartition("/")[2]
    handler._head(206 if start else 200, content[start:], file)
    if start:
        handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
    handler.end_headers()
    handler.wfile.write(content[start : start + after])
    if reset:
        handler.reset()
    else:
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)
    return True


def be_silent(seconds: float, handler: Handler, content: bytes) -> bool:
    time.sleep(seconds)
    return False


def refusing(status: int, after: str | None = None) -> Fault:
    return partial(refuse, status, after=after)


def breaking(after: int, *, reset: bool = True) -> Fault:
    return partial(break_off, after, reset=reset)


def silent(seconds: float) -> Fault:
    return partial(be_silent, seconds)


@contextmanager
def serving(root: Path) -> Iterator[Faulty]:
    server = Faulty(root)
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.02), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


SLOW_DOWN = b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Cutting:
    """A way through to another server that ends some connections after some bytes, or answers itself."""

    def __init__(self, port: int, cuts: list[int | bytes | None]) -> None:
        self._port, self.cuts = port, cuts  # bytes of the answer; None: all; or an answer instead
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.cut = 0
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()

    def close(self) -> None:
        """Take no more connections, and wait for those that are there."""
        self._socket.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._through, args=(client,)))
            self._threads[-1].start()

    def _through(self, client: socket.socket) -> None:
        most = self.cuts.pop(0) if self.cuts else None
        if isinstance(most, bytes):
            self.cut += 1
            with client, contextlib.suppress(OSError):
                client.recv(65536)
                client.sendall(most)
            return
        with client, socket.create_connection(("127.0.0.1", self._port)) as server:
            asking = threading.Thread(target=self._pump, args=(client, server, None))
            asking.start()
            self._pump(server, client, most)
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
            asking.join()

    def _pump(self, source: socket.socket, sink: socket.socket, most: int | None) -> None:
        try:
            while block := source.recv(65536):
                sink.sendall(block[:most])
                if most is not None and (most := most - len(block)) <= 0:
                    self.cut += 1
                    return
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def fill(root: Path, names: dict[str, bytes]) -> None:
    root.mkdir(parents=True, exist_ok=True)
    for name, content in names.items():
        (root / name).write_bytes(content)
        os.utime(root / name, (1_700_000_000, 1_700_000_000))
