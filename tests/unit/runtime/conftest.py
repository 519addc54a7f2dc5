"""Fixtures: a site directory with a small ROCm in it, and libraries compiled once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.runtime import wheels

FAMILY = "gfx94X-dcgpu"


@pytest.fixture(scope="session", autouse=True)
def _importable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The installed packages as they are in the sources; ``rocm_sdk`` with the facts that the build adds."""
    sdist = wheels.sdist_tree(tmp_path_factory.mktemp("sources") / "rocm")
    added = [str(sdist), str(wheels.RUNTIME)]
    sys.path[:0] = added
    yield
    for entry in added:
        sys.path.remove(entry)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site directory with core, and libraries and devel of one family, links not made."""
    site = tmp_path / "site-packages"
    for wheel in (wheels.core(), wheels.libraries(FAMILY), wheels.devel(FAMILY), wheels.meta_wheel()):
        wheel.unpack(site)
    return site


@pytest.fixture
def root() -> str:
    """The name of the devel tree in ``site``."""
    return wheels.devel_root(FAMILY)
