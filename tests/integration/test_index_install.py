"""pip and uv install from every form of the index, on real wheels, over files and over HTTP."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.environments import UV, both, make_environment, packages_of, run
from tests.support.http_servers import running
from tests.support.wheel_sets import WheelText, make_dist, make_set, make_wheel
from tools.dist.serve import DistHandler, ServeRequest, make_server

FAMILY = "gfx94X-dcgpu"
EXTRA = both(FAMILY)
INSTALLED = packages_of(FAMILY)


@dataclass
class Sent:
    """What a server sent."""

    size: int = 0
    types: set[str] = field(default_factory=set)
    files: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def dist(tmp_path_factory) -> Path:
    directory = tmp_path_factory.mktemp("index")
    return make_dist(directory / "dist", make_set(directory / "build"))


@contextmanager
def served(dist: Path, *, plain: bool = False) -> Iterator[tuple[str, Sent]]:
    """Yield the address of a server and what it sends; a plain one knows neither ranges nor PEP 691."""
    sent = Sent()

    class Counting(SimpleHTTPRequestHandler if plain else DistHandler):  # type: ignore[misc]
        def send_header(self, keyword, value):
            if keyword.lower() == "content-type":
                sent.types.add(value)
            super().send_header(keyword, value)

        def copyfile(self, source, outputfile):
            sent.files.append(self.path)
            super().copyfile(source, self)

        def write(self, block):
            sent.size += len(block)
            self.wfile.write(block)

        def log_message(self, *_):
            pass

    if plain:
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Counting, directory=str(dist)))
    else:
        server = make_server(ServeRequest(dist_dir=dist, port=0), Counting)
    with running(server) as url:
        yield url, sent


slow = pytest.mark.slow
every_installer = pytest.mark.parametrize(
    "empty_environment", ["pip", pytest.param("pip 23.0.1", marks=slow), "uv"], indirect=True
)
every_pip = pytest.mark.parametrize("empty_environment", ["pip", pytest.param("pip 23.0.1", marks=slow)], indirect=True)
current_installers = pytest.mark.parametrize("empty_environment", ["pip", "uv"], indirect=True)
flat_or_simple = pytest.mark.parametrize("form", [pytest.param("flat", marks=slow), "simple"])


@every_installer
@pytest.mark.parametrize(
    "form",
    [
        pytest.param("{0}", id="path", marks=slow),
        pytest.param("file://{0}/", id="folder"),
        pytest.param("file://{0}/index.html", id="page", marks=slow),
    ],
)
def test_from_files(empty_environment, dist, form):
    empty_environment.pip("install", "--no-index", "--find-links", form.format(dist), EXTRA)

    assert empty_environment.installed == INSTALLED


@slow
@every_installer
def test_from_the_page_over_http(empty_environment, dist):
    with served(dist, plain=True) as (url, _):
        empty_environment.pip("install", "--no-index", "--find-links", f"{url}/index.html", EXTRA)

    assert empty_environment.installed == INSTALLED


@slow
@every_installer
def test_from_simple_as_html_of_any_web_server(empty_environment, dist):
    with served(dist, plain=True) as (url, sent):
        empty_environment.pip("install", "--index-url", f"{url}/simple", EXTRA)

    assert empty_environment.installed == INSTALLED
    assert "application/vnd.pypi.simple.v1+json" not in sent.types


@every_installer
def test_from_simple_as_json(empty_environment, dist):
    with served(dist) as (url, sent):
        empty_environment.pip("install", "--index-url", f"{url}/simple", EXTRA)

    assert empty_environment.installed == INSTALLED
    assert "application/vnd.pypi.simple.v1+json" in sent.types
    assert "text/html; charset=utf-8" not in sent.types


@current_installers
@pytest.mark.parametrize("plain", [pytest.param(True, marks=slow, id="plain server"), pytest.param(False, id="serve")])
@pytest.mark.parametrize("form", ["flat", pytest.param("simple", marks=slow)])
def test_a_dry_run_downloads_metadata_only(empty_environment, dist, plain, form):
    with served(dist, plain=plain) as (url, sent):
        where = ["--no-index", "--find-links", f"{url}/"] if form == "flat" else ["--index-url", f"{url}/simple"]
        empty_environment.pip("install", "--dry-run", *where, EXTRA)

    assert empty_environment.installed == []
    assert sent.size < 200_000, sent
    assert [path for path in sent.files if path.endswith(".whl")] == []


@current_installers
@pytest.mark.parametrize("version", ["10.1.0+bkc.20260814", pytest.param("10.1.0a20260811", marks=slow)])
@pytest.mark.parametrize("form", ["flat", pytest.param("simple", marks=slow)])
def test_versions_with_a_local_part_and_nightlies(empty_environment, tmp_path, version, form):
    dist = make_dist(tmp_path / "dist", make_set(tmp_path / "build", version=version))

    with served(dist, plain=True) as (url, _):
        where = ["--no-index", "--find-links", f"{url}/"] if form == "flat" else ["--index-url", f"{url}/simple"]
        empty_environment.pip("install", *where, f"{EXTRA}=={version}")

    assert empty_environment.installed == INSTALLED


@current_installers
def test_hashes_that_uv_wrote_are_required(empty_environment, dist, tmp_path):
    (tmp_path / "in.txt").write_text(f"{EXTRA}==10.1.0\n")
    locked = tmp_path / "locked.txt"
    compiler = make_environment("uv", tmp_path / "compiler", dist)

    with served(dist) as (url, _):
        where = ["--index-url", f"{url}/simple"]  # from a flat page over HTTP uv writes no hashes of wheels
        compiler.pip("compile", *where, "--generate-hashes", "--output-file", str(locked), str(tmp_path / "in.txt"))
        empty_environment.pip("install", *where, "--require-hashes", "-r", str(locked))

    assert locked.read_text().count("--hash=sha256:") == 5
    assert empty_environment.installed == INSTALLED


@slow
@current_installers
@flat_or_simple
def test_a_file_that_is_not_what_was_locked_is_refused(empty_environment, tmp_path, form):
    dist = make_dist(tmp_path / "dist", make_set(tmp_path / "build"))
    name = "rocm_sdk_core-10.1.0-py3-none-any.whl"
    (tmp_path / "locked.txt").write_text(f"rocm-sdk-core==10.1.0 --hash=sha256:{sha256(dist / name)}\n")
    replace_wheel(dist / name)

    with served(dist) as (url, _):
        where = ["--no-index", "--find-links", f"{url}/"] if form == "flat" else ["--index-url", f"{url}/simple"]
        output = empty_environment.pip(
            "install", *where, "--require-hashes", "-r", str(tmp_path / "locked.txt"), fails=True
        )

    assert sha256(dist / name) in output
    assert empty_environment.installed == []


@every_pip
@flat_or_simple
def test_pip_refuses_a_file_that_is_not_what_the_index_says(empty_environment, tmp_path, form):
    dist = make_dist(tmp_path / "dist", make_set(tmp_path / "build"))
    name = "rocm_sdk_core-10.1.0-py3-none-any.whl"
    replace_wheel(dist / name)

    with served(dist) as (url, _):
        where = ["--no-index", "--find-links", f"{url}/"] if form == "flat" else ["--index-url", f"{url}/simple"]
        output = empty_environment.pip("install", *where, "rocm-sdk-core", fails=True)

    assert sha256(dist / name) in output
    assert empty_environment.installed == []


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def replace_wheel(path: Path) -> None:
    """Put another sound wheel under the same name."""
    other = path.parent.parent / "other"
    make_wheel(other, WheelText(distribution="rocm-sdk-core", package="core", payload=b"not what was built"))
    path.unlink()
    next(other.rglob(path.name)).rename(path)


@pytest.mark.slow
def test_uv_locks_from_simple(tmp_path, dist):
    project = tmp_path / "project"
    project.mkdir()
    with served(dist) as (url, _):
        (project / "pyproject.toml").write_text(
            f"""[project]
name = "uses-rocm"
version = "1"
requires-python = ">=3.10"
dependencies = ["rocm-sdk-libraries-gfx94X-dcgpu==10.1.0"]

[[tool.uv.index]]
url = "{url}/simple"
default = true
"""
        )
        variables = make_environment("uv", tmp_path / "environment", dist).variables() | {"UV_NO_CONFIG": "0"}
        locking = run(UV, "lock", "--project", project, cwd=project, **variables)

    locked = (project / "uv.lock").read_text()
    assert locking.code == 0, locking.err
    assert locked.count('hash = "sha256:') == 2
    assert locked.count("size = ") == 2
