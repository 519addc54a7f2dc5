"""Debian's ROCm in the kpack-split layout: its real libraries without device code, and that code a wheel a target."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.debian import DEVICES, PROJECT, SAMPLE, SAXPY
from tests.support.doit_process import Doit
from tests.support.environments import PLAIN_PATH, Environment, good, make_environment, run
from tools.sample.debian import DebianRequest, make_artifacts
from tools.sample.debian.__main__ import default_cache

pytestmark = pytest.mark.slow  # builds and installs 700 MB

HOST = ["rocm", "rocm_sdk_core", "rocm_sdk_libraries"]
# liboam, which its CMake files name, is no part of Debian's package.
DEBIAN_S_OWN = "  warning: prefixes: names what is not in the devel tree: _rocm_sdk_devel/lib/cmake/rocm_smi/"
EXTRAS = {
    "libraries,devel,device-gfx942": [*HOST, "rocm_sdk_devel", "rocm_sdk_device_gfx942"],
    "device-gfx94X-dcgpu": [*HOST, "rocm_sdk_device_gfx942"],
    "device-all": [*HOST, *(f"rocm_sdk_device_{target}" for target in ("gfx1200", "gfx1201", "gfx908", "gfx942"))],
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Doit:
    """Return doit with a finished build of the artifacts that DEBIAN_TREE_KPACK names, else of some made here."""
    directory = tmp_path_factory.mktemp("debian-kpack")
    artifacts = Path(os.environ.get("DEBIAN_TREE_KPACK", directory / "artifacts"))
    if not artifacts.exists():
        if not shutil.which("apt-get"):
            pytest.skip("needs Debian 12, or artifacts of its packages that DEBIAN_TREE_KPACK names")
        request = DebianRequest(directory=artifacts, cache=default_cache(), bulk=False, layout="kpack-split")
        make_artifacts(request)
    doit = Doit(directory=directory, settings={"artifact_dir": str(artifacts), "version": "5.2.3"})
    finished = doit("verify")
    assert finished.code == 0, finished.out + finished.err
    assert ": 0 errors, " in finished.out
    warnings = [line for line in finished.lines if line.startswith("  warning: ")]
    assert all(line.startswith(DEBIAN_S_OWN) for line in warnings), warnings
    return doit


@pytest.fixture(params=["uv", "pip"])
def environment(request: pytest.FixtureRequest, built: Doit, tmp_path: Path) -> Iterator[Environment]:
    yield make_environment(request.param, tmp_path / "environment", built.dist)
    shutil.rmtree(tmp_path / "environment")


@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_installs_exactly_its_wheels(environment, extra):
    environment.install(f"rocm[{extra}]")

    assert environment.installed == sorted(EXTRAS[extra])


def test_device_wheels_come_and_go_beside_each_other(environment):
    empty = environment.paths()
    environment.install("rocm[libraries,devel,device-gfx942]")
    root = environment.root()
    before = environment.paths()
    environment.install("rocm[device-gfx1201]")
    kernels = {name: environment.root() / f".kpack/rocrand_{name}.kpack" for name in ("gfx942", "gfx1201")}
    assert all(kernel.is_file() for kernel in kernels.values())

    environment.uninstall("rocm-sdk-device-gfx1201")

    assert before <= environment.paths()
    assert environment.root() == root
    assert {path for path in environment.paths() ^ before if "__pycache__" not in path} == set()
    assert good(environment.run("rocm-sdk", "check")).endswith(" links checked: all right\n")
    environment.uninstall(*(name.replace("_", "-") for name in environment.installed))
    assert environment.paths() == empty


def test_the_tree_compiles_and_configures(environment, tmp_path):
    environment.install("rocm[libraries,devel,device-gfx94X-dcgpu]")
    root = environment.root()
    (tmp_path / "saxpy.hip").write_text(SAXPY)
    (tmp_path / "CMakeLists.txt").write_text(PROJECT)
    (tmp_path / "sample.cpp").write_text(SAMPLE)

    good(run(root / "bin/hipcc", "--offload-arch=gfx90a", "saxpy.hip", "-o", "saxpy", cwd=tmp_path))
    configure = ["-S", ".", "-B", "build", f"-DCMAKE_PREFIX_PATH={root}"]
    good(run("/usr/bin/cmake", *configure, cwd=tmp_path, PATH=PLAIN_PATH))
    good(run("/usr/bin/cmake", "--build", "build", cwd=tmp_path, PATH=PLAIN_PATH))

    assert good(run("./saxpy", cwd=tmp_path, LD_LIBRARY_PATH=f"{root}/lib")) in DEVICES
    assert good(run("./build/sample", cwd=tmp_path)).startswith("rocrand ")
