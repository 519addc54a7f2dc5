"""Where artifacts come from."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from tools.artifact.directory import DirectoryArtifact
from tools.artifact.source import GLANCE, Listing, LocalSource, Spans, repeated
from tools.artifact.span import Span
from tools.errors import UserError


def test_directories_are_artifacts_and_nothing_else_is(tmp_path: Path) -> None:
    for name in ("b_lib_generic", "a_lib_generic", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "linked").symlink_to("a_lib_generic")

    assert LocalSource(tmp_path).listing() == Listing(
        ("a_lib_generic", "b_lib_generic", "linked"), ("dangling", "file")
    )


def test_a_source_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        LocalSource(tmp_path / "none").listing()

    assert str(caught.value) == f"{tmp_path}/none: cannot be read: No such file or directory"


def test_names_that_stand_twice_are_told_once() -> None:
    assert repeated(["a", "b", "a", "c", "a", "c"]) == ["a", "c"]


def test_an_artifact_is_opened_without_being_looked_at(tmp_path: Path) -> None:
    source = LocalSource(tmp_path)

    assert not source.has("a_lib_generic")
    assert source.open("a_lib_generic") == DirectoryArtifact("a_lib_generic", tmp_path / "a_lib_generic")
    (tmp_path / "a_lib_generic").mkdir()
    assert source.has("a_lib_generic")


def test_a_source_can_be_sent_to_another_process(tmp_path: Path) -> None:
    assert pickle.loads(pickle.dumps(LocalSource(tmp_path))) == LocalSource(tmp_path)


def test_a_member_is_found_by_its_artifact_and_its_path(tmp_path: Path) -> None:
    file = f"{tmp_path}/a_lib_generic/math/stage/lib/x"

    assert Spans(LocalSource(tmp_path)).find("a_lib_generic/math/stage/lib/x", 5) == Span(file, 0, 5, 5, file)


def test_without_artifacts_a_member_that_is_wanted_is_an_error() -> None:
    with pytest.raises(UserError) as caught:
        Spans(None).find("a_lib_generic/stage/x", 5)

    assert str(caught.value) == (
        "a_lib_generic/stage/x: no finished wheel has it any more, and there are no artifacts to read it from; build "
        "that version again"
    )


def mixed(tmp_path: Path) -> LocalSource:
    (tmp_path / "in/a_lib_generic").mkdir(parents=True)
    for name in (
        "b_lib_generic.tar.zst",
        "b_lib_generic.tar.zst.sha256sum",
        "c_lib_generic.tar.xz",
        "d_lib_generic.tar",
    ):
        (tmp_path / "in" / name).write_bytes(b"12345")
    return LocalSource(tmp_path / "in", tmp_path / "tars")


def test_archives_stand_beside_directories(tmp_path: Path) -> None:
    source = mixed(tmp_path)

    assert source.listing() == Listing(
        ("a_lib_generic", "b_lib_generic", "c_lib_generic", "d_lib_generic"), ("b_lib_generic.tar.zst.sha256sum",)
    )
    assert [source.open(name).place for name in source.listing().artifacts] == [
        f"{tmp_path}/in/{name}"
        for name in ("a_lib_generic", "b_lib_generic.tar.zst", "c_lib_generic.tar.xz", "d_lib_generic.tar")
    ]
    assert source.has("c_lib_generic")


def test_the_glance_at_a_directory_counts_all_files_and_the_bytes_of_the_first(tmp_path: Path) -> None:
    artifact = tmp_path / "a_lib_generic"
    artifact.mkdir()
    for number in range(GLANCE + 5):
        (artifact / f"{number}").write_bytes(b"xyz")

    assert LocalSource(tmp_path).glance("a_lib_generic") == (GLANCE + 5, 3 * GLANCE)


def test_the_glance_at_an_archive_is_at_its_size(tmp_path: Path) -> None:
    assert mixed(tmp_path).glance("b_lib_generic") == (0, 30)


@pytest.mark.parametrize("name", ["a_lib_generic.tar", "c_lib_generic.tar.zst"])
def test_an_artifact_that_stands_there_twice_is_refused(tmp_path: Path, name: str) -> None:
    source = mixed(tmp_path)
    (source.directory / name).touch()

    with pytest.raises(UserError) as caught:
        source.listing()

    assert str(caught.value) == (
        f"{tmp_path}/in: has several artifacts of one name: {name.partition('.')[0]}; leave one of each"
    )
