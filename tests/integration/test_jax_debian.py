"""JAX's plugins and AMD's bindings, as PyPI has them, beside wheels of Debian's ROCm: listed, installed, looked at."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.doit_process import Doit
from tests.support.pythons import find_python
from tools.dist.serve import ServeRequest, make_server
from tools.sample.debian import DebianRequest, make_artifacts
from tools.sample.debian.__main__ import default_cache

pytestmark = pytest.mark.slow

UV = str(Path(sys.executable).with_name("uv"))
PYTHON = "3.13"  # that JAX's wheel is for
JAX = "jax-rocm7-plugin==0.12.0", "jax-rocm7-pjrt==0.12.0"
BINDINGS = "rocm-bindings-core==10.0.0.0.1.2", "rocm-bindings-hip==10.0.0.0.1.2"
HASHES = {  # as PyPI has them
    "jax_rocm7_pjrt-0.12.0-py3-none-manylinux_2_27_x86_64.whl": (
        "4551d0714523355f2946ca1958c3f584e95661e467a641d36b726f718a1c7934"
    ),
    "jax_rocm7_plugin-0.12.0-cp313-cp313-manylinux_2_27_x86_64.whl": (
        "7fbb0b6f2fcf355b76cac358811d8be235ffab289a9fb5f7adc0175605fc853c"
    ),
    "rocm_bindings_core-10.0.0.0.1.2-cp312-abi3-manylinux1_x86_64.manylinux_2_28_x86_64.manylinux_2_5_x86_64.whl": (
        "5f6111926679b4d64b79dd547a737d38814b77cb39b1db95d790c55958009d90"
    ),
    "rocm_bindings_hip-10.0.0.0.1.2-cp312-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_28_x86_64.whl": (
        "9d31be6c1a4c19d4ded2f2222da3f4bce14d81c58680bd119bffce983e466039"
    ),
}
LACKING = {  # what readelf and the artifacts say; Debian's ROCm is of version 5
    "jax_rocm7_pjrt": {
        *("libMIOpen.so.1", "libamd_smi.so.26", "libamdhip64.so.7", "libhipblaslt.so.1", "libhipfft.so.0"),
        *("librccl.so.1", "librocblas.so.5", "librocm_sysdeps_drm.so.2", "librocm_sysdeps_drm_amdgpu.so.1"),
        *("librocm_sysdeps_numa.so.1", "librocprofiler-sdk.so.1"),
    },
    "jax_rocm7_plugin": {
        *("libMIOpen.so.1", "libamdhip64.so.7", "libhipblas.so.3", "libhipsolver.so.1", "libhipsparse.so.4"),
        "librocsolver.so.0",
    },
}
THEIRS = ["jax_rocm7_pjrt", "jax_rocm7_plugin", "rocm_bindings_core", "rocm_bindings_hip"]
LAYOUTS = {  # variable that names artifacts; what whl-next/ is asked for; what comes with it, and with whl/
    "per-family": (
        "DEBIAN_TREE",
        "rocm[libraries-gfx94x-dcgpu]",
        ["rocm_sdk_core", "rocm_sdk_libraries_gfx94x_dcgpu"],
        ["rocm_sdk_core", "rocm_sdk_libraries_gfx94x_dcgpu"],
    ),
    "kpack-split": (
        "DEBIAN_TREE_KPACK",
        "rocm[device-gfx942]",
        ["rocm_sdk_core", "rocm_sdk_device_gfx942", "rocm_sdk_libraries"],
        [
            "rocm_sdk_core",
            *(f"rocm_sdk_device_{target}" for target in ("gfx1200", "gfx1201", "gfx908", "gfx942")),
            "rocm_sdk_libraries",
        ],
    ),
}


@pytest.fixture(scope="module")
def from_pypi() -> Path:
    """Return a folder with wheels of PyPI, kept outside of the repository; skip where they cannot be had."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "rules_rocm_wheels" / "others"
    cache.mkdir(parents=True, exist_ok=True)
    platforms = [f"--platform={name}_x86_64" for name in ("manylinux_2_28", "manylinux_2_27", "manylinux2014")]
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--only-binary=:all:",
        f"--python-version={PYTHON}",
    ]
    command += [*platforms, "--dest", str(cache), *JAX, *BINDINGS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"needs {', '.join((*JAX, *BINDINGS))} from PyPI: {done.stderr.strip().splitlines()[-1]}")
    for name, digest in HASHES.items():
        assert hashlib.sha256((cache / name).read_bytes()).hexdigest() == digest
    return cache


@pytest.fixture(scope="module", params=LAYOUTS)
def layout(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def built(layout, from_pypi, tmp_path_factory) -> Doit:
    """Return doit with an index of Debian's wheels and those of PyPI."""
    directory = tmp_path_factory.mktemp(layout)
    artifacts = Path(os.environ.get(LAYOUTS[layout][0], directory / "artifacts"))
    if not artifacts.exists():
        if not shutil.which("apt-get"):
            pytest.skip(f"needs Debian 12, or artifacts of its packages that {LAYOUTS[layout][0]} names")
        make_artifacts(DebianRequest(directory=artifacts, cache=default_cache(), bulk=False, layout=layout))
    settings = {"artifact_dir": str(artifacts), "version": "5.2.3", "also": str(from_pypi)}
    if layout == "per-family":
        settings["default_family"] = "gfx94X-dcgpu"
    doit = Doit(directory=directory, settings=settings)
    done = doit("index")
    assert done.code == 0, done.out + done.err
    return doit


@pytest.fixture(scope="module")
def address(built) -> Iterator[str]:
    """Yield the address of a server of the index."""
    with make_server(ServeRequest(dist_dir=built.dist, port=0)) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_each_library_that_the_artifacts_lack_is_told_and_no_other(built, tmp_path):
    done = built("verify", "--json", str(tmp_path / "report.json"))

    told: dict[str, set[str]] = {}
    for finding in json.loads((tmp_path / "report.json").read_bytes())["findings"]:
        if finding["check"] == "consumers":
            name = finding["culprit"].split(",")[0].split(" ")[0]
            told.setdefault(finding["file"].split("-")[0], set()).add(name)
    assert done.code == 1
    assert told == LACKING


@pytest.mark.parametrize("tree", ["whl", "whl-next"])
@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_they_install_with_ours_from_this_index_alone(layout, address, tree, installer, tmp_path):
    _, wanted, with_next, with_whl = LAYOUTS[layout]
    what = ["rocm[libraries]", "--only-binary=:all:"] if tree == "whl" else [wanted]
    make_environment(tmp_path / "venv")

    call(installer, tmp_path / "venv", "install", "--index-url", f"{address}/{tree}/", *what, JAX[0], BINDINGS[1])
    call(installer, tmp_path / "venv", "check")

    site = next((tmp_path / "venv").glob("lib/python*/site-packages"))
    installed = {path.name.partition("-")[0] for path in site.glob("*.dist-info")} - {"pip"}
    assert sorted(installed) == sorted([*THEIRS, "rocm", *(with_whl if tree == "whl" else with_next)])


def make_environment(directory: Path) -> None:
    """Make an environment of the Python that JAX's wheel is for."""
    run([find_python(PYTHON), "-m", "venv", str(directory)])


def call(installer: str, environment: Path, action: str, *arguments: str) -> None:
    """Call an installer for an environment."""
    python = str(environment / "bin/python")
    uv = [UV, "pip", action, "--python", python, "--no-cache"]
    run([*(uv if installer == "uv" else [python, "-m", "pip", action]), *arguments])


def run(command: list[str]) -> None:
    """Run without the configuration of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "PYTHON"))}
    own = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1", "UV_NO_CONFIG": "1"}
    done = subprocess.run(command, env=kept | own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
