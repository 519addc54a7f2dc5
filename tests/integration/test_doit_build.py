"""The main road, on the embedded sample: what is built again when something changed, and that bytes never vary."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.doit_process import Doit, tree_of
from tests.support.stamps import built, written
from tools.sample.embedded import FAMILIES

LIBRARIES = "gfx94X-dcgpu/libraries"
ROCBLAS = "math-libs/BLAS/rocBLAS/stage/lib"


def library(artifacts: Path, name: str) -> Path:
    """Return the one real file of a library, whatever its version."""
    found = [file for file in artifacts.rglob(f"{name}.so*") if file.is_file() and not file.is_symlink()]
    assert len(found) == 1, found
    return found[0]


def append(file: Path) -> None:
    """Change an ELF file without changing what it does: nothing refers to what lies behind its end."""
    mode = file.stat().st_mode
    file.chmod(0o644)
    with file.open("ab") as stream:
        stream.write(b"\0" * 8)
    file.chmod(mode)


def test_the_dist_holds_every_family_flat_and_the_index(expected):
    names = {name for name in expected if "/" not in name and not name.endswith((".metadata", ".json"))}

    platform = "1.0-py3-none-linux_x86_64.whl"
    assert names == {
        "SHA256SUMS",
        "index.html",
        "rocm-1.0.tar.gz",
        "rocm_bootstrap-0.3.0-py3-none-any.whl",
        f"rocm_profiler-{platform}",
        f"rocm_sdk_core-{platform}",
        f"rocm_sdk_devel-{platform}",
        f"rocm_sdk_devel_gfx120x_all-{platform}",
        f"rocm_sdk_devel_gfx94x_dcgpu-{platform}",
        f"rocm_sdk_libraries_gfx120x_all-{platform}",
        f"rocm_sdk_libraries_gfx94x_dcgpu-{platform}",
    }


def test_a_second_build_builds_nothing(doit):
    assert doit("index").code == 0
    before = built(doit)

    finished = doit("index")

    assert finished.last.startswith("wheels: 0 built, ")
    assert built(doit) == before


def test_artifacts_are_only_read(doit, artifacts):
    before = {path: path.lstat() for path in artifacts.rglob("*")}
    doit("index")

    after = {path: path.lstat() for path in artifacts.rglob("*")}
    assert {path: (s.st_ino, s.st_mode, s.st_mtime_ns, s.st_ctime_ns) for path, s in after.items()} == {
        path: (s.st_ino, s.st_mode, s.st_mtime_ns, s.st_ctime_ns) for path, s in before.items()
    }


def test_touching_every_file_catalogs_and_builds_no_wheel(doit, artifacts):
    doit("index")
    before = built(doit)
    catalogs = len(list(artifacts.iterdir()))
    for path in artifacts.rglob("*"):
        os.utime(path, follow_symlinks=False)

    finished = doit("index")

    assert finished.last.startswith(f"wheels: 0 built, 9 up to date, 0 failed; other steps: {catalogs} done, ")
    assert built(doit) == before
    assert doit("index").last.startswith("wheels: 0 built, ")


def test_a_changed_library_rebuilds_the_wheel_that_contains_it_and_no_other(doit, artifacts):
    doit("index")
    before = built(doit)
    append(library(artifacts / "blas_lib_gfx94X-dcgpu", "librocblas"))

    finished = doit("index")

    assert finished.code == 0
    assert written(before, built(doit)) == {LIBRARIES}


def test_a_rebuild_gives_the_bytes_of_a_clean_build(doit, artifacts, tmp_path):
    doit("index")
    append(library(artifacts / "blas_lib_gfx94X-dcgpu", "librocblas"))
    doit("index")

    clean = Doit(directory=tmp_path / "clean", settings=doit.settings)
    clean("index")

    assert tree_of(doit.dist) == tree_of(clean.dist)


def test_a_change_and_back_ends_in_the_same_bytes(doit, artifacts, expected):
    file = library(artifacts / "blas_lib_gfx94X-dcgpu", "librocblas")
    good = file.read_bytes()
    doit("index")
    append(file)
    doit("index")
    file.write_bytes(good)

    assert doit("index").code == 0
    assert tree_of(doit.dist) == expected


@pytest.mark.parametrize("arguments", [("-n", "1", "index"), ("-n", "8", "index"), ("index", "engine=processes")])
def test_workers_and_engines_do_not_change_a_byte(doit, expected, arguments):
    assert doit(*arguments).code == 0
    assert tree_of(doit.dist) == expected


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"}, {"PYTHONHASHSEED": "2", "LC_ALL": "C", "LANG": "tr_TR.UTF-8"}],
    ids=["Tokyo", "C locale"],
)
def test_nothing_around_the_build_changes_a_byte(doit, expected, environment):
    before = os.umask(0o077)
    try:
        assert doit("index", environment=environment).code == 0
    finally:
        os.umask(before)
    assert tree_of(doit.dist) == expected


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_built_alone_has_the_same_bytes(doit, expected, family):
    assert doit("build", f"families={family}").code == 0

    built = {file.name: file.read_bytes() for file in doit.build.rglob("*.whl")}
    assert len(built) == 6
    assert built == {name: expected[name] for name in built}


def test_a_family_s_group_builds_what_it_needs(doit):
    assert doit("build:gfx94X-dcgpu").code == 0

    assert set(built(doit)) == {
        *(f"generic/{package}" for package in ("bootstrap", "core", "devel", "meta", "profiler")),
        *(f"gfx94X-dcgpu/{package}" for package in ("devel", "libraries")),
    }


def test_a_family_that_is_gone_leaves_the_dist(doit, artifacts):
    doit("index")
    for directory in artifacts.glob("*_gfx120X-all"):
        shutil.rmtree(directory)

    assert doit("index").code == 0
    assert not [name for name in tree_of(doit.dist) if "gfx120x" in name.lower() and not name.endswith(".html")]
    assert b"gfx120x_all" not in (doit.dist / "index.html").read_bytes()


def test_a_new_version_leaves_nothing_of_the_old_one(doit):
    doit("index")
    newer = replace(doit, settings={**doit.settings, "version": "2.0"})

    assert newer("index").code == 0
    assert not [name for name in tree_of(doit.dist) if "-1.0" in name]
    assert not list(doit.build.rglob("*-1.0-*.whl"))


def truncate(wheel: Path) -> None:
    os.truncate(wheel, wheel.stat().st_size // 2)


def flip(wheel: Path) -> None:
    content = bytearray(wheel.read_bytes())
    content[len(content) // 2] ^= 0xFF
    wheel.write_bytes(content)


@pytest.mark.parametrize("damage", [truncate, flip, Path.unlink])
@pytest.mark.parametrize("place", ["build", "dist"])
def test_a_wheel_that_was_damaged_by_hand_is_built_again(doit, expected, damage, place):
    doit("index")
    name = "rocm_sdk_libraries_gfx94x_dcgpu-1.0-py3-none-linux_x86_64.whl"
    damage(doit.build / "wheel" / LIBRARIES / name if place == "build" else doit.dist / name)

    assert doit("index").code == 0
    assert tree_of(doit.dist) == expected


def test_a_package_whose_artifacts_are_not_there_is_left_out(doit, artifacts):
    for directory in artifacts.glob("rocprofiler-*"):
        shutil.rmtree(directory)

    assert doit("index").code == 0
    assert not (doit.build / "wheel/generic/profiler").exists()
    assert not [name for name in tree_of(doit.dist) if "profiler" in name and "sdk" not in name]
