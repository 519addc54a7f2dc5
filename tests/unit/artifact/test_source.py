"""Where artifacts come from."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from tools.artifact.directory import DirectoryArtifact
from tools.artifact.source import ArtifactSource, Listing, Spans, repeated
from tools.artifact.span import Span
from tools.errors import UserError


def test_directories_are_artifacts_and_nothing_else_is(tmp_path: Path) -> None:
    for name in ("b_lib_generic", "a_lib_generic", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "linked").symlink_to("a_lib_generic")

    assert ArtifactSource(tmp_path).listing() == Listing(
        ("a_lib_generic", "b_lib_generic", "linked"), ("dangling", "file")
    )


def test_a_source_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        ArtifactSource(tmp_path / "none").listing()

    assert str(caught.value) == f"{tmp_path}/none: cannot be read: No such file or directory"


def test_names_that_stand_twice_are_told_once() -> None:
    assert repeated(["a", "b", "a", "c", "a", "c"]) == ["a", "c"]


def test_an_artifact_is_opened_without_being_looked_at(tmp_path: Path) -> None:
    source = ArtifactSource(tmp_path)

    assert not source.has("a_lib_generic")
    assert source.open("a_lib_generic") == DirectoryArtifact("a_lib_generic", tmp_path / "a_lib_generic")
    (tmp_path / "a_lib_generic").mkdir()
    assert source.has("a_lib_generic")


def test_a_source_can_be_sent_to_another_process(tmp_path: Path) -> None:
    assert pickle.loads(pickle.dumps(ArtifactSource(tmp_path))) == ArtifactSource(tmp_path)


def test_a_member_is_found_by_its_artifact_and_its_path(tmp_path: Path) -> None:
    file = f"{tmp_path}/a_lib_generic/math/stage/lib/x"

    assert Spans(ArtifactSource(tmp_path)).find("a_lib_generic/math/stage/lib/x", 5) == Span(file, 0, 5, 5, file)


def test_without_artifacts_a_member_that_is_wanted_is_an_error() -> None:
    with pytest.raises(UserError) as caught:
        Spans(None).find("a_lib_generic/stage/x", 5)

    assert str(caught.value) == (
        "a_lib_generic/stage/x: no finished wheel has it any more, and there are no artifacts to read it from; build "
        "that version again"
    )
