"""An S3 server with a published index of many versions in it, which nobody has to upload one by one.

Run as a program it prints its port when it answers. Two addresses of its own answer with JSON: ``/_requests`` the
number of requests by method since the last such one, ``/_objects`` the sha256 of everything in the bucket by its path.
"""

from __future__ import annotations

import hashlib
import json
import logging
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec

from tools.dist.listing import ALSO, ENTRY, METADATA_SUFFIX, ListedFile, in_order
from tools.dist.provenance import SUFFIX as PROVENANCE_SUFFIX
from tools.dist.publish import PublishRequest, _pages
from tools.dist.published import Published
from tools.dist.simple import JSON_TREES
from tools.values import encode_json

BUCKET, FOLDER = "large", "rocm"
PUBLIC_URL = "https://rocm.example/"
NEWEST = date(2026, 11, 25)  # of the nightlies
NOW = "2026-11-26T12:00:00Z"
TARGETS = tuple(f"gfx{number}" for number in range(900, 934))
PACKAGES = (
    ("rocm-sdk-core", "core", "generic"),
    ("rocm-sdk-libraries", "libraries", "generic"),
    ("rocm-sdk-devel", "devel", "generic"),
    ("rocm-profiler", "profiler", "generic"),
    *((f"rocm-sdk-device-{target}", "device", target) for target in TARGETS),
)


def versions(count: int) -> dict[str, str]:
    """Return versions with their upload times: nine nightlies, a development version and a candidate of ten."""
    found = {}
    for number in range(count):
        day = NEWEST - timedelta(days=number)
        kind = {0: f"10.0.0rc{number}", 1: f"10.0.0.dev{number}"}.get(number % 10, f"10.0.0a{day:%Y%m%d}")
        found[f"9.{number}.0" if number % 100 == 0 else kind] = f"{day}T03:00:00Z"
    return found


def files_of(version: str, uploaded: str) -> Iterator[ListedFile]:
    """Yield what a version has: 40 files, an sdist and a wheel of ``rocm`` among them."""
    for distribution, package, family in PACKAGES:
        name = f"{distribution.replace('-', '_')}-{version}-py3-none-linux_x86_64.whl"
        yield _file(name, distribution, version, package, uploaded, family=family)
    yield _file(f"rocm-{version}.tar.gz", "rocm", version, "meta", uploaded)
    yield _file(f"rocm-{version}-py3-none-any.whl", "rocm", version, ENTRY, uploaded, folder="whl")


def torch_of(version: str, number: int, uploaded: str) -> ListedFile:
    """Return a wheel of others that needs one version of ROCm."""
    name = f"torch-2.{number}.0-cp312-cp312-manylinux_2_28_x86_64.whl"
    return _file(name, "torch", f"2.{number}.0", ALSO, uploaded, summary=f"rocm[libraries]=={version}")


def metadata_of(file: ListedFile) -> bytes:
    """Return the METADATA of a file; that of others has a marker, as torch's has."""
    requires = f"Requires-Dist: {file.summary}; platform_system == 'Linux'\n" if file.package == ALSO else ""
    return f"Metadata-Version: 2.4\nName: {file.distribution}\nVersion: {file.version}\n{requires}".encode()


def content_of(path: str) -> bytes:
    """Return what lies under a path."""
    return path.encode()


def published_index(count: int, needed: Iterable[str] = ()) -> Published:
    """Return the manifest of an index of ``count`` versions, and wheels of others that need some of them."""
    uploaded = versions(count)
    files = [file for version, time in uploaded.items() for file in files_of(version, time)]
    files += [torch_of(version, number, uploaded[version]) for number, version in enumerate(needed)]
    return Published(
        files=in_order(files),
        stored={file.path: file.sha256 for file in files},
        projects=tuple(sorted({file.project for file in files})),
        public_url=PUBLIC_URL,
    )


def request_for(url: str, **options: Any) -> PublishRequest:
    """Return how the index is published."""
    empty = {"receipts": (), "dist_dir": Path(), "now": NOW}
    return PublishRequest(url=url, **{**empty, **options})


@contextmanager
def large_bucket(count: int, needed: Iterable[str] = ()) -> Iterator[int]:
    """Yield the port of a server whose bucket anyone may read."""
    command = [sys.executable, "-m", "tests.support.large_bucket", str(count), *needed]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert server.stdout is not None
    try:
        yield int(server.stdout.readline())
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


def main(count: int, needed: list[str]) -> None:
    """Fill a bucket and serve it."""
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.moto_server.threaded_moto_server import MotoRequestHandler
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from moto.s3.models import s3_backends
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    backend.create_bucket(BUCKET, "us-east-1")
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    backend.put_bucket_policy(BUCKET, json.dumps({"Version": "2012-10-17", "Statement": [statement]}).encode())
    for path, content in _objects(published_index(count, needed)):
        backend.put_object(BUCKET, f"{FOLDER}/{path}", content)
    counted = Counter[str]()
    own = {"/_requests": lambda: _taken(counted), "/_objects": lambda: _digests(backend)}
    application = _with_answers(DomainDispatcherApplication(create_backend_app), counted, own)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler)
    print(server.port, flush=True)
    server.serve_forever()


def _objects(published: Published) -> Iterator[tuple[str, bytes]]:
    """Yield everything that publishing would have written."""
    pages = {path: content for path, content in _pages(published, request_for("")).items() if content is not None}
    for file in published.files:
        yield file.path, content_of(file.path)
        if file.is_wheel:
            yield file.path + METADATA_SUFFIX, metadata_of(file)
        if file.is_ours:
            yield file.path + PROVENANCE_SUFFIX, b"{}"
    for path, content in pages.items():
        is_json_tree = path.partition("/")[0] in JSON_TREES.values()
        if not is_json_tree:
            yield path, content
        if is_json_tree or path.endswith("/index.html"):
            yield path.rpartition("/")[0] + "/", content
    known = {path: hashlib.sha256(content).hexdigest() for path, content in pages.items()}
    manifest = msgspec.structs.replace(published, pages=known)
    for name, content in {
        "00000001.txt": b"",
        "00000001.ended": b"",
        "00000001.alive": b"",
        "00000001.json": encode_json(manifest),
        "current.json": b"1",
    }.items():
        yield f".publication/{name}", content


def _file(name: str, distribution: str, version: str, package: str, uploaded: str, **others: Any) -> ListedFile:
    path = f"{others['folder']}/{name}" if "folder" in others else name
    values = {
        "family": "generic",
        "summary": "A part of ROCm",
        "requires": (),
        **others,
    }
    file = ListedFile(
        filename=name,
        distribution=distribution,
        version=version,
        package=package,
        size=len(content_of(path)),
        sha256=hashlib.sha256(content_of(path)).hexdigest(),
        requires_python=">=3.10",
        metadata_sha256="",
        members=10,
        installed_size=1000,
        upload_time=uploaded,
        **values,
    )
    if not file.is_wheel:
        return file
    return msgspec.structs.replace(file, metadata_sha256=hashlib.sha256(metadata_of(file)).hexdigest())


def _taken(counted: Counter[str]) -> dict[str, int]:
    taken = dict(counted)
    counted.clear()
    return taken


def _digests(backend: Any) -> dict[str, str]:
    keys = dict(backend.buckets[BUCKET].keys.items())
    return {name.removeprefix(f"{FOLDER}/"): hashlib.sha256(key.value).hexdigest() for name, key in keys.items()}


def _with_answers(
    application: Any, counted: Counter[str], own: Mapping[str, Callable[[], Mapping[str, object]]]
) -> Callable[..., Any]:
    """Return a WSGI application that counts requests and has answers of its own."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] in own:
            content = json.dumps(own[environ["PATH_INFO"]]()).encode()
            start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
            return [content]
        counted[environ["REQUEST_METHOD"]] += 1
        return application(environ, start_response)

    return answer


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
