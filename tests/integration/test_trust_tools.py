"""Every wheel of the sample, of both layouts, in the hands of the tools that people have."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.doit_process import Doit, tree_of

BIN = Path(sys.executable).parent


@pytest.fixture(scope="session")
def kpack_build(tmp_path_factory: pytest.TempPathFactory) -> Doit:
    """Return doit with a finished build of the sample's other layout."""
    doit = Doit(directory=tmp_path_factory.mktemp("kpack"), settings={"layout": "kpack-split", "version": "1.0"})
    finished = doit("index")
    assert (finished.code, finished.err) == (0, "")
    return doit


@pytest.fixture(params=["per-family", "kpack-split"])
def wheels(request: pytest.FixtureRequest) -> list[Path]:
    name = "clean_build" if request.param == "per-family" else "kpack_build"
    doit: Doit = request.getfixturevalue(name)
    found = sorted(doit.dist.glob("*.whl"))
    assert len(found) >= 7
    return found


def run(*command: str | Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**environment, "LC_ALL": "C.UTF-8"}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_verify_has_nothing_to_say(kpack_build):
    done = kpack_build("verify")

    assert (done.code, done.err) == (0, "")
    assert next(line for line in done.lines if " wheels, " in line).endswith(": 0 errors, 0 warnings")


def test_zipfile(wheels):
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            assert archive.testzip() is None, wheel


def test_unzip(wheels):
    for wheel in wheels:
        assert "No errors detected" in run("unzip", "-t", wheel)


def test_wheel_unpack(wheels, tmp_path):
    for wheel in wheels:
        run(sys.executable, "-m", "wheel", "unpack", "--dest", tmp_path, wheel)


def test_check_wheel_contents(wheels):
    """Nothing but what our wheels are on purpose.

    W002: files that are there twice, as in ROCm. W005, W009: several import packages, each wheel's platform package
    among them. W004: directories below a platform package are no modules. W010: a wheel without Python of its own.
    """
    run(BIN / "check-wheel-contents", "--ignore", "W002,W004,W005,W009,W010", *wheels)


def test_pip_and_uv_install_the_same_files(wheels, tmp_path):
    quiet = ["--quiet", "--no-deps", "--no-index"]
    cache = ["--cache-dir", tmp_path / "cache"]
    with_pip, with_uv = tmp_path / "pip", tmp_path / "uv"

    run(sys.executable, "-m", "pip", "install", *quiet, "--no-compile", "--target", with_pip, *wheels)
    run(BIN / "uv", "pip", "install", *quiet, *cache, "--target", with_uv, *wheels)

    def payload(directory: Path) -> dict[str, tuple[int, bytes]]:
        return {
            path: ((directory / path).stat().st_mode & 0o111, content)
            for path, content in tree_of(directory).items()
            if ".dist-info/" not in path and not path.startswith("bin/") and path != ".lock"
        }

    wanted = {path for wheel in wheels for path in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in path}
    installed = payload(with_pip)
    assert installed.keys() == wanted
    assert installed == payload(with_uv)
