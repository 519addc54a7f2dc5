"""A Windows for each worker, and a Python in it for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.windows import mingw, rocm
from tests.windows.wine import Environment, Wine, environment, wine
from tests.windows.wine import windows as wine_path


@pytest.fixture(scope="session")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wine]:
    with wine(tmp_path_factory.mktemp("wine") / "prefix") as made:
        yield made


@pytest.fixture
def python(windows: Wine, tmp_path: Path) -> Environment:
    return environment(windows, tmp_path / "python")


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
