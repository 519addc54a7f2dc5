"""A Windows for each worker, and a Python in it for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.doit_process import Doit
from tests.support.windows import downloads, mingw, rocm
from tests.support.windows.wine import Environment, Wine, environment, wine
from tests.support.windows.wine import windows as wine_path

LINUX_FAMILIES, WINDOWS_FAMILIES = "gfx120X-all,gfx94X-dcgpu", "gfx110X-all,gfx120X-all"
BOTH = {"linux_amdgpu_families": LINUX_FAMILIES, "windows_amdgpu_families": WINDOWS_FAMILIES}


@pytest.fixture(scope="session")
def builds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Doit]:
    """Layout -> a finished build of the sample for Windows; nobody may change it."""
    mingw.require()
    made = {}
    for layout in ("per-family", "kpack-split"):
        settings = {"platform_tag": "win_amd64", "layout": layout, "version": "1.0"}
        families = BOTH if layout == "per-family" else {}
        made[layout] = Doit(directory=tmp_path_factory.mktemp(layout), settings=settings | families)
        finished = made[layout]("index")
        assert (finished.code, finished.err) == (0, ""), finished.out + finished.err
    return made


@pytest.fixture(scope="session")
def published(builds: dict[str, Doit], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One index with the wheels of both systems."""
    place = tmp_path_factory.mktemp("published") / "index"
    linux = Doit(directory=tmp_path_factory.mktemp("linux"), settings={"version": "1.0", **BOTH})
    for one in (linux, builds["per-family"]):
        finished = one("publish", f"url={place}")
        assert finished.code == 0, finished.out + finished.err
    return place


@pytest.fixture(scope="session")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wine]:
    with wine(tmp_path_factory.mktemp("wine") / "prefix") as made:
        yield made


@pytest.fixture
def python(windows: Wine, tmp_path: Path) -> Environment:
    return environment(windows, tmp_path / "python")


@pytest.fixture(scope="session")
def uv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return uv.exe."""
    return downloads.program("uv", tmp_path_factory.mktemp("uv"))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> rocm.Rocm:
    mingw.require()
    return rocm.compiled(tmp_path_factory.mktemp("rocm"))


@pytest.fixture(scope="session")
def dist(built: rocm.Rocm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built.write(tmp_path_factory.mktemp("dist"))


@pytest.fixture
def installed(python: Environment, dist: Path) -> Environment:
    """A Python into which pip installed everything, for a test that changes it."""
    return _with_rocm(python, dist)


@pytest.fixture(scope="session")
def shared(windows: Wine, dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The same for tests that change nothing; the devel tree is made."""
    python = _with_rocm(environment(windows, tmp_path_factory.mktemp("shared") / "python"), dist)
    assert python.script("rocm-sdk", "init").returncode == 0
    return python


def _with_rocm(python: Environment, dist: Path) -> Environment:
    python.pip("install", "-q", "--find-links", wine_path(dist), "rocm", rocm.LIBRARIES, rocm.DEVEL)
    return python
