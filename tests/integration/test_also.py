"""``also=``: wheels of other projects in dist, index and publications; what cannot be there is said before a build."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.doit_process import Doit
from tests.support.environments import make_environment
from tests.support.foreign import make_foreign


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
