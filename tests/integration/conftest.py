"""The embedded sample, doit on a copy of it, and what a clean build of it and of Debian's ROCm gives."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.artifacts import pack_in_each_form
from tests.support.broken_dist import Dist, copy_of
from tests.support.chromium import Tab, chromium
from tests.support.doit_process import Doit, tree_of
from tests.support.environments import Environment, make_environment
from tools.sample.debian import DebianRequest, make_artifacts
from tools.sample.debian.__main__ import default_cache
from tools.sample.embedded import make_sample


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("sample") / "per-family"
    make_sample(directory)
    return directory


@pytest.fixture(scope="session")
def packed(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the sample in each form of archive; nobody may change it."""
    return pack_in_each_form(pristine, tmp_path_factory.mktemp("packed"))


@pytest.fixture
def artifacts(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "artifacts", symlinks=True))


@pytest.fixture
def doit(artifacts: Path, tmp_path: Path) -> Doit:
    return Doit(directory=tmp_path, settings={"artifact_dir": str(artifacts), "version": "1.0"})


@pytest.fixture(scope="session")
def clean_build(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Doit:
    """Return doit with a finished build of the sample; nobody may change it."""
    clean = Doit(directory=tmp_path_factory.mktemp("clean"), settings={"artifact_dir": str(pristine), "version": "1.0"})
    finished = clean("index")
    assert (finished.code, finished.err) == (0, "")
    return clean


@pytest.fixture(scope="session")
def expected(clean_build: Doit) -> dict[str, bytes]:
    """Return the dist of a clean build."""
    return tree_of(clean_build.dist)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with chromium(tmp_path_factory.mktemp("chromium")) as tab:
        yield tab


@pytest.fixture
def empty_environment(request: pytest.FixtureRequest, tmp_path: Path) -> Environment:
    """Return an environment in which the installer that the parameter names has installed nothing."""
    return make_environment(request.param, tmp_path / "installer", tmp_path)


@pytest.fixture
def dist(clean_build: Doit, tmp_path: Path) -> Dist:
    """Return a copy of a sound dist, to break."""
    return copy_of(clean_build.dist, tmp_path / "dist", clean_build.build)


@pytest.fixture(scope="session")
def sample_dist(clean_build: Doit) -> Path:
    """Return the flat dist of the sample, version 1.0; nobody may change it."""
    return clean_build.dist


@pytest.fixture(scope="session")
def debian_artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return artifacts of Debian's ROCm packages: DEBIAN_TREE's, else made here. Nobody may change them."""
    if given := os.environ.get("DEBIAN_TREE"):
        return Path(given)
    if not shutil.which("apt-get"):
        pytest.skip("needs Debian 12, or artifacts of its packages that DEBIAN_TREE names")
    directory = tmp_path_factory.mktemp("debian") / "artifacts"
    make_artifacts(DebianRequest(directory=directory, cache=default_cache(), bulk=False))
    return directory


@pytest.fixture(scope="session")
def debian_build(debian_artifacts: Path, tmp_path_factory: pytest.TempPathFactory) -> Doit:
    """Return doit with a finished build of Debian's ROCm, version 5.2.3; nobody may change it."""
    settings = {"artifact_dir": str(debian_artifacts), "version": "5.2.3"}
    built = Doit(directory=tmp_path_factory.mktemp("debian-build"), settings=settings)
    finished = built("index")
    assert (finished.code, finished.err) == (0, "")
    return built
