"""What is built again on Debian's ROCm: nothing for times, the wheel that holds it for a library, no other."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.support import stamps
from tests.support.doit_process import Doit

pytestmark = pytest.mark.slow  # copies and builds a gigabyte

LIBRARIES = [
    ("rand_lib_gfx94X-dcgpu/math-libs/rocRAND/stage/lib/librocrand.so.1.1", "gfx94X-dcgpu/libraries"),
    ("core-hip_lib_generic/core/clr/stage/lib/libamdhip64.so.5.2.21153", "generic/core"),
]


@pytest.fixture(scope="module")
def artifacts(debian_artifacts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("debian-copy") / "artifacts"
    return Path(shutil.copytree(debian_artifacts, copy, symlinks=True))


@pytest.fixture(scope="module")
def built(artifacts: Path, tmp_path_factory: pytest.TempPathFactory) -> Doit:
    settings = {"artifact_dir": str(artifacts), "version": "5.2.3"}
    doit = Doit(directory=tmp_path_factory.mktemp("rebuild"), settings=settings)
    assert doit("index").code == 0
    return doit


def test_a_second_build_builds_nothing(built):
    before = stamps.built(built)

    assert built("index").last.startswith("wheels: 0 built, ")
    assert stamps.built(built) == before


def test_touching_every_file_builds_no_wheel(built, artifacts):
    before = stamps.built(built)
    for path in artifacts.rglob("*"):
        os.utime(path, follow_symlinks=False)

    finished = built("index")

    catalogs = len(list(artifacts.iterdir()))
    assert finished.last.startswith("wheels: 0 built, ")
    assert f"; other steps: {catalogs} done, " in finished.last
    assert stamps.built(built) == before


@pytest.mark.parametrize(("library", "wheel"), LIBRARIES)
def test_a_changed_library_rebuilds_the_wheel_that_contains_it_and_no_other(built, artifacts, library, wheel):
    before = stamps.built(built)
    with (artifacts / library).open("ab") as stream:
        stream.write(b"\0" * 8)  # behind the end of what its headers tell of

    assert built("index").code == 0

    assert stamps.written(before, stamps.built(built)) == {wheel}
