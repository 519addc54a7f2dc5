"""HTTP servers on this machine: one that runs while a test does, and a directory as a bucket serves it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@contextmanager
def running(server: HTTPServer) -> Iterator[str]:
    """Let a server answer in a thread while the block runs; yield its address."""
    with server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


@contextmanager
def bucket_of_files(directory: Path) -> Iterator[str]:
    """Serve a directory as a bucket does; yield its address."""
    with running(ThreadingHTTPServer(("127.0.0.1", 0), partial(Bucket, directory=str(directory)))) as url:
        yield url


class Bucket(SimpleHTTPRequestHandler):
    """Answers as a bucket does: a name that ends in a slash has one content type, whatever is asked for."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if self.path.endswith("/"):
            path /= "index.json" if "-json/" in self.path else "index.html"
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        self.send_response(200)
        json_type = "application/vnd.pypi.simple.v1+json"
        self.send_header("Content-Type", json_type if path.suffix == ".json" else "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass
