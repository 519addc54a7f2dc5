"""The embedded sample, and doit on a copy of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.integration.doit_process import Doit, tree_of
from tools.sample.embedded import make_sample


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("sample") / "per-family"
    make_sample(directory)
    return directory


@pytest.fixture
def artifacts(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "artifacts", symlinks=True))


@pytest.fixture
def doit(artifacts: Path, tmp_path: Path) -> Doit:
    return Doit(directory=tmp_path, settings={"artifact_dir": str(artifacts), "version": "1.0"})


@pytest.fixture(scope="session")
def expected(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the dist of a clean build."""
    clean = Doit(directory=tmp_path_factory.mktemp("clean"), settings={"artifact_dir": str(pristine), "version": "1.0"})
    finished = clean("index")
    assert (finished.code, finished.err) == (0, "")
    return tree_of(clean.dist)
