"""``also=``: wheels of other projects in dist, index and publications; what cannot be there is said before a build."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.parse
from pathlib import Path

import pytest

from tests.support.doit_process import Doit
from tests.support.environments import make_environment
from tests.support.foreign import make_foreign

JAX = "jax-rocm7-plugin==0.12.0", "jax-rocm7-pjrt==0.12.0"
BINDINGS = "rocm-bindings-core==10.0.0.0.1.2", "rocm-bindings-hip==10.0.0.0.1.2"
HASHES = {  # as PyPI has them
    "jax_rocm7_pjrt-0.12.0-py3-none-manylinux_2_27_x86_64.whl": (
        "4551d0714523355f2946ca1958c3f584e95661e467a641d36b726f718a1c7934"
    ),
    "jax_rocm7_plugin-0.12.0-cp313-cp313-manylinux_2_27_x86_64.whl": (
        "7fbb0b6f2fcf355b76cac358811d8be235ffab289a9fb5f7adc0175605fc853c"
    ),
}


def foreign(directory: Path, name: str = "torchlike", version: str = "2.9.0", requires: tuple[str, ...] = ()) -> Path:
    return make_foreign(directory, name, version, {f"{name}/a.txt": b"text"}, requires=requires)


def test_they_stand_in_dist_index_and_publication_and_install_with_ours(clean_build, pristine, tmp_path):
    folder = tmp_path / "theirs"
    first = foreign(folder, requires=("rocm[libraries-gfx94x-dcgpu]==1.0",))
    second = foreign(folder, version="2.10.0", requires=("rocm[libraries-gfx94x-dcgpu]==1.0",))
    settings = {"artifact_dir": str(pristine), "version": "1.0", "also": str(folder)}
    doit = Doit(directory=tmp_path, settings=settings)
    out = tmp_path / "out"

    done = doit("publish", f"url={out}")

    assert done.code == 0, done.out + done.err
    for place in (doit.dist, out):
        assert (place / first.name).read_bytes() == first.read_bytes()
        project = json.loads((place / "simple/torchlike/index.json").read_bytes())
        assert [file["filename"] for file in project["files"]] == [second.name, first.name]
        assert all(file["core-metadata"]["sha256"] for file in project["files"])
        assert first.name in (place / "SHA256SUMS").read_text()
    note = f"note: as their projects made them, in whl/ and whl-next/: {second.name}, {first.name}"
    assert note in done.lines
    environment = make_environment("uv", tmp_path / "environment", doit.dist)
    environment.install("torchlike")
    assert environment.installed == ["rocm", "rocm_sdk_core", "rocm_sdk_libraries_gfx94x_dcgpu", "torchlike"]


def test_without_the_setting_they_leave(pristine, tmp_path):
    wheel = foreign(tmp_path / "theirs")
    doit = Doit(directory=tmp_path, settings={"artifact_dir": str(pristine), "version": "1.0"})
    assert doit("index", f"also={wheel}").code == 0

    done = doit("index")

    assert (done.code, done.err) == (0, "")
    assert not list(doit.dist.rglob("torchlike*"))


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("rocm_sdk_core", "the names of these are those of packages that are built here"),
        ("rocm_sdk_libraries_gfx90a", "the names of these are those of packages that are built here"),
        ("rocm", "the names of these are those of packages that are built here"),
    ],
)
def test_a_name_of_ours_is_refused_before_anything_begins(pristine, tmp_path, name, problem):
    wheel = foreign(tmp_path / "theirs", name)
    doit = Doit(directory=tmp_path, settings={"artifact_dir": str(pristine), "version": "1.0"})

    done = doit("index", f"also={wheel}")

    assert (done.code, done.out) == (3, "")
    assert done.err == f"ERROR: also: {problem}: {wheel}\n"


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("{0}/none", "also: {0}/none: there is no such file or folder"),
        ("{0}", "also: {0}: has no wheel and no sdist"),
        (
            "https://example.org/x-1.0-py3-none-any.whl",
            "also: https://example.org/x-1.0-py3-none-any.whl: must end in #sha256= and the digest of the file",
        ),
    ],
)
def test_a_place_that_gives_nothing_is_refused(pristine, tmp_path, place, problem):
    empty = tmp_path / "empty"
    empty.mkdir()
    doit = Doit(directory=tmp_path, settings={"artifact_dir": str(pristine), "version": "1.0"})

    done = doit("index", f"also={place.format(empty)}")

    assert (done.code, done.err) == (3, f"ERROR: {problem.format(empty)}\n")


def test_a_wheel_that_wants_another_rocm_stops_the_dist(pristine, tmp_path):
    wheel = foreign(tmp_path / "theirs", requires=("rocm==2.0",))
    doit = Doit(directory=tmp_path, settings={"artifact_dir": str(pristine), "version": "1.0"})

    done = doit("index", f"also={wheel}")

    assert done.code == 1
    assert f"also: {wheel.name} requires rocm==2.0: this dist has 1.0" in done.out + done.err
    assert not (doit.dist / "index.html").exists()


@pytest.fixture(scope="module")
def from_pypi() -> Path:
    """Return a folder with wheels of PyPI, kept outside of the repository; skip where they cannot be had."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "rules_rocm_wheels" / "others"
    cache.mkdir(parents=True, exist_ok=True)
    platforms = [f"--platform={name}_x86_64" for name in ("manylinux_2_28", "manylinux_2_27", "manylinux2014")]
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--python-version=3.13"]
    command += [*platforms, "--dest", str(cache), *JAX, *BINDINGS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"needs {', '.join((*JAX, *BINDINGS))} from PyPI: {done.stderr.strip().splitlines()[-1]}")
    return cache


@pytest.mark.slow
def test_jax_beside_debian_is_told_exactly_what_the_artifacts_lack(debian_build, from_pypi, tmp_path):
    import hashlib

    for name, digest in HASHES.items():
        assert hashlib.sha256((from_pypi / name).read_bytes()).hexdigest() == digest

    done = debian_build("verify", f"consumers={from_pypi}", "--json", str(tmp_path / "report.json"))

    report = json.loads((tmp_path / "report.json").read_bytes())
    lacking: dict[str, set[str]] = {}
    for finding in report["findings"]:
        if finding["check"] == "consumers":
            name = finding["culprit"].split(",")[0].split(" ")[0]
            lacking.setdefault(finding["file"].split("-")[0], set()).add(name)
    assert done.code == 1
    assert lacking == {
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


@pytest.mark.slow
def test_jax_and_bindings_lie_in_the_index_of_debian(debian_artifacts, debian_build, from_pypi, tmp_path):
    settings = {
        **debian_build.settings,
        "also": str(from_pypi),
        "default_family": "gfx94X-dcgpu",
        "build_dir": str(debian_build.build),
        "dist_dir": str(tmp_path / "dist"),
    }
    doit = Doit(directory=tmp_path, settings=settings)

    done = doit("index")

    assert done.code == 0, done.out + done.err
    for tree in ("whl", "whl-next", "simple"):
        page = (tmp_path / "dist" / tree / "jax-rocm7-pjrt/index.html").read_text()
        assert urllib.parse.quote("jax_rocm7_pjrt-0.12.0-py3-none-manylinux_2_27_x86_64.whl") in page
        assert HASHES["jax_rocm7_pjrt-0.12.0-py3-none-manylinux_2_27_x86_64.whl"] in page
    environment = make_environment("uv", tmp_path / "environment", tmp_path / "dist")
    environment.install("jax-rocm7-pjrt", "rocm[libraries-gfx94x-dcgpu]")
    assert "jax_rocm7_pjrt" in environment.installed
