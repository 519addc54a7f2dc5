"""Fixtures: a site directory with a small ROCm in it, and libraries compiled once."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.support import small_rocm
from tests.support.small_rocm import FAMILY

sys.path.insert(0, str(small_rocm.RUNTIME))  # rocm_sdk_core as it is in the sources


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], ModuleType]]:
    """Import a module of the rocm sdist, with the facts beside it that the build adds."""
    sdist = small_rocm.sdist_tree(tmp_path_factory.mktemp("sources") / "rocm")
    sys.path.insert(0, str(sdist))
    yield importlib.import_module
    sys.path.remove(str(sdist))
    for name in [name for name in sys.modules if name.partition(".")[0] in ("rocm_sdk", "_rocm_backend")]:
        del sys.modules[name]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site directory with core, and libraries and devel of one family, links not made."""
    site = tmp_path / "site-packages"
    for wheel in (small_rocm.core(), small_rocm.libraries(FAMILY), small_rocm.devel(FAMILY), small_rocm.meta_wheel()):
        wheel.unpack(site)
    return site


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A flat directory as the build makes it: wheels of two families, the sdist, core of a second version."""
    wheels = [small_rocm.core(), small_rocm.core(version="10.2.0")]
    for family in small_rocm.FAMILIES:
        wheels += [small_rocm.libraries(family), small_rocm.devel(family)]
    wheels += [small_rocm.libraries(FAMILY, version="10.2.0"), small_rocm.devel(FAMILY, version="10.2.0")]
    return small_rocm.write_dist(tmp_path_factory.mktemp("dist"), *wheels)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return small_rocm.real_libraries(tmp_path_factory.mktemp("compiled"))


@pytest.fixture
def real_site(tmp_path: Path, compiled: dict[str, bytes]) -> Path:
    """Like ``site``, with libraries that the loader takes."""
    site = tmp_path / "real site"
    small_rocm.core(library=compiled["amdhip64"]).unpack(site)
    small_rocm.libraries(FAMILY, library=compiled["hipblas"]).unpack(site)
    small_rocm.devel(FAMILY).unpack(site)
    small_rocm.meta_wheel().unpack(site)
    return site


@pytest.fixture(scope="session")
def mounts() -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Run a shell script that may mount file systems nobody else sees."""
    probe = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
    )
    if probe.returncode != 0:
        pytest.skip("this machine does not allow mount namespaces")

    def run(script: str) -> subprocess.CompletedProcess[str]:
        command = ["unshare", "-rm", "sh", "-ec", script]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    return run
