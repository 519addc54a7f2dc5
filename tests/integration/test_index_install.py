"""pip and uv install from every form of the index, on real wheels, over files and over HTTP."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.wheel_sets import WheelText, make_dist, make_set, make_wheel
from tools.dist.serve import DistHandler, ServeRequest, make_server

EXTRA = "rocm[libraries-gfx94x-dcgpu,devel-gfx94x-dcgpu]"
INSTALLED = [
    "rocm",
    "rocm_sdk_core",
    "rocm_sdk_devel",
    "rocm_sdk_devel_gfx94x_dcgpu",
    "rocm_sdk_libraries_gfx94x_dcgpu",
]
EMBEDDED = Path(__import__("virtualenv").__file__).parent / "seed" / "wheels" / "embed"
DEBIAN_PIP = Path("/usr/share/python-wheels/pip-23.0.1-py3-none-any.whl")  # of python3-pip-whl, Debian 12


def newest_pip() -> Path:
    return max(EMBEDDED.glob("pip-*.whl"), key=lambda path: [int(part) for part in path.name.split("-")[1].split(".")])


@dataclass
class Sent:
    """What a server sent."""

    size: int = 0
    types: set[str] = field(default_factory=set)
    files: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Installer:
    """pip or uv with an empty environment of its own and nothing of the user's configuration."""

    name: str
    home: Path

    def __call__(self, *arguments: str, fails: bool = False) -> str:
        command = self._command(arguments)
        run = subprocess.run(
            command, env=self._environment(), capture_output=True, text=True, check=False, cwd=self.home
        )
        assert (run.returncode != 0) == fails, run.stdout + run.stderr
        return run.stdout + run.stderr

    def installed(self) -> list[str]:
        packages = self.home.glob("venv/lib/*/site-packages/*.dist-info")
        return sorted(path.name.split("-")[0] for path in packages)

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        python = str(self.home / "venv" / "bin" / "python")
        if self.name == "uv":
            target = ["--python", python] if arguments[0] in {"install", "uninstall", "compile"} else []
            return ["uv", "pip", arguments[0], *target, "--no-cache", *arguments[1:]]
        if self.name == "pip 23.0.1":
            if not DEBIAN_PIP.exists():
                pytest.skip(f"needs Debian's pip 23.0.1: {DEBIAN_PIP}")
            return [sys.executable, f"{DEBIAN_PIP}/pip", "--python", python, *arguments, "--no-cache-dir"]
        return [sys.executable, f"{newest_pip()}/pip", "--python", python, *arguments, "--no-cache-dir"]

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "PYTHON"))}
        kept["PATH"] = f"{Path(sys.executable).parent}:{kept['PATH']}"
        return kept | {
            "HOME": str(self.home),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "UV_NO_CONFIG": "1",
            "UV_PYTHON_DOWNLOADS": "never",
        }


@pytest.fixture(scope="module")
def dist(tmp_path_factory) -> Path:
    directory = tmp_path_factory.mktemp("index")
    return make_dist(directory / "dist", make_set(directory / "build"))


@pytest.fixture
def installer(request, tmp_path) -> Installer:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    return Installer(request.param, tmp_path)


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
    with server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", sent
        server.shutdown()


slow = pytest.mark.slow
every_installer = pytest.mark.parametrize(
    "installer", ["pip", pytest.param("pip 23.0.1", marks=slow), "uv"], indirect=True
)
every_pip = pytest.mark.parametrize("installer", ["pip", pytest.param("pip 23.0.1", marks=slow)], indirect=True)
current_installers = pytest.mark.parametrize("installer", ["pip", "uv"], indirect=True)
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
def test_from_files(installer, dist, form):
    installer("install", "--no-index", "--find-links", form.format(dist), EXTRA)

    assert installer.installed() == INSTALLED


@slow
@every_installer
def test_from_the_page_over_http(installer, dist):
    with served(dist, plain=True) as (url, _):
        installer("install", "--no-index", "--find-links", f"{url}/index.html", EXTRA)

    assert installer.installed() == INSTALLED


@slow
@every_installer
def test_from_simple_as_html_of_any_web_server(installer, dist):
    with served(dist, plain=True) as (url, sent):
        installer("install", "--index-url", f"{url}/simple", EXTRA)

    assert installer.installed() == INSTALLED
    assert "application/vnd.pypi.simple.v1+json" not in sent.types


@every_installer
def test_from_simple_as_json(installer, dist):
    with served(dist) as (url, sent):
        installer("install", "--index-url", f"{url}/simple", EXTRA)

    assert installer.installed() == INSTALLED
    assert "application/vnd.pypi.simple.v1+json" in sent.types
    assert "text/html; charset=utf-8" not in sent.types


@current_installers
@pytest.mark.parametrize("plain", [pytest.param(True, marks=slow, id="plain server"), pytest.param(False, id="serve")])
@pytest.mark.parametrize("form", ["flat", pytest.param("simple", marks=slow)])
def test_a_dry_run_downloads_metadata_only(installer, dist, plain, form):
    with served(dist, plain=plain) as (url, sent):
        where = ["--no-index", "--find-links", f"{url}/"] if form == "flat" else ["--index-url", f"{url}/simple"]
        installer("install", "--dry-run", *where, EXTRA)

    assert installer.installed() == []
    assert sent.size < 200_000, sent
    assert [path for path in sent.files if path.endswith(".whl")] == []


@current_installers
@pytest.mark.parametrize("version", ["10.1.0+bkc.20260814", pytest.param("10.1.0a20260811", marks=slow)])
@pytest.mark.parametrize("form", ["flat", pytest.param("simple", marks=slow)])
def test_versions_with_a_local_part_and_nightlies(installer, tmp_path, version, form):
    dist = make_dist(tmp_path / "dist", make_set(tmp_path / "build", version=version))

    with served(dist, plain=True) as (url, _):
        where = ["--no-index", "--find-links", f"{url}/"] if form == "flat" else ["--index-url", f"{url}/simple"]
        installer("install", *where, f"{EXTRA}=={version}")

    assert installer.installed() == INSTALLED


@current_installers
def test_hashes_that_uv_wrote_are_required(installer, dist, tmp_path):
    (tmp_path / "in.txt").write_text(f"{EXTRA}==10.1.0\n")
    locked = tmp_path / "locked.txt"
    compiler = Installer("uv", tmp_path)

    with served(dist) as (url, _):
        where = ["--index-url", f"{url}/simple"]  # from a flat page over HTTP uv writes no hashes of wheels
        compiler("compile", *where, "--generate-hashes", "--output-file", str(locked), str(tmp_path / "in.txt"))
        installer("install", *where, "--require-hashes", "-r", str(locked))

    assert locked.read_text().count("--hash=sha256:") == 5
    assert installer.installed() == INSTALLED


@slow
@current_installers
@flat_or_simple
def test_a_file_that_is_not_what_was_locked_is_refused(installer, tmp_path, form):
    dist = make_dist(tmp_path / "dist", make_set(tmp_path / "build"))
    name = "rocm_sdk_core-10.1.0-py3-none-any.whl"
    (tmp_path / "locked.txt").write_text(f"rocm-sdk-core==10.1.0 --hash=sha256:{sha256(dist / name)}\n")
    replace_wheel(dist / name)

    with served(dist) as (url, _):
        where = ["--no-index", "--find-links", f"{url}/"] if form == "flat" else ["--index-url", f"{url}/simple"]
        output = installer("install", *where, "--require-hashes", "-r", str(tmp_path / "locked.txt"), fails=True)

    assert sha256(dist / name) in output
    assert installer.installed() == []


@every_pip
@flat_or_simple
def test_pip_refuses_a_file_that_is_not_what_the_index_says(installer, tmp_path, form):
    dist = make_dist(tmp_path / "dist", make_set(tmp_path / "build"))
    name = "rocm_sdk_core-10.1.0-py3-none-any.whl"
    replace_wheel(dist / name)

    with served(dist) as (url, _):
        where = ["--no-index", "--find-links", f"{url}/"] if form == "flat" else ["--index-url", f"{url}/simple"]
        output = installer("install", *where, "rocm-sdk-core", fails=True)

    assert sha256(dist / name) in output
    assert installer.installed() == []


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
        command = ["uv", "lock", "--no-cache", "--project", str(project)]
        environment = Installer("uv", tmp_path)._environment() | {"UV_NO_CONFIG": "0"}
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    locked = (project / "uv.lock").read_text()
    assert run.returncode == 0, run.stderr
    assert locked.count('hash = "sha256:') == 2
    assert locked.count("size = ") == 2
