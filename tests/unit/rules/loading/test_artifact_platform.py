"""Which system artifacts are for, as names tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.loading.artifact_platform import tag_of_artifacts
from tests.support.artifacts import write_artifact
from tools.errors import UserError

HIP = "core-hip_lib_generic"
DLL, SHARED = {"bin/amdhip64_7.dll": b""}, {"lib/libamdhip64.so.7.0": b""}


@pytest.mark.parametrize(
    ("place", "tag"),
    [
        ("s3://bucket/123-windows", "win_amd64"),
        ("s3://bucket/123-windows/", "win_amd64"),
        ("s3://bucket/123-linux", "linux_x86_64"),
        ("https://example.org/artifacts", "linux_x86_64"),
        (Path("/nowhere/123-windows"), "win_amd64"),
        (Path("/nowhere/artifacts"), "linux_x86_64"),
    ],
)
def test_the_name_of_a_place_tells(place: Path | str, tag: str) -> None:
    assert tag_of_artifacts(place) == tag


@pytest.mark.parametrize(("files", "tag"), [(DLL, "win_amd64"), (SHARED, "linux_x86_64")])
def test_the_files_of_hip_tell(tmp_path: Path, files: dict[str, bytes], tag: str) -> None:
    write_artifact(tmp_path, HIP, files)

    assert tag_of_artifacts(tmp_path) == tag


def test_an_archive_that_windows_alone_has_tells(tmp_path: Path) -> None:
    (tmp_path / f"{HIP}.tar.zst").touch()
    assert tag_of_artifacts(tmp_path) == "linux_x86_64"

    (tmp_path / "core-hipinfo_run_generic.tar.zst").touch()
    assert tag_of_artifacts(tmp_path) == "win_amd64"


def test_a_tree_of_both_is_refused(tmp_path: Path) -> None:
    write_artifact(tmp_path, HIP, DLL | SHARED)

    with pytest.raises(UserError) as caught:
        tag_of_artifacts(tmp_path)

    assert str(caught.value) == (
        f"{tmp_path / HIP}: has libraries for Linux and Windows; artifacts of two platforms lie in one place: fetch "
        "them into two"
    )
