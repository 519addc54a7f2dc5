"""The copy that a benchmark may change."""

from __future__ import annotations

import pytest

from tools.bench.workspace import Workspace, append, copy_artifacts, touch_everything
from tools.errors import UserError


@pytest.fixture
def artifacts(tmp_path):
    directory = tmp_path / "given" / "a_lib_generic"
    directory.mkdir(parents=True)
    (directory / "file").write_text("content")
    (directory / "link").symlink_to("file")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "other").write_text("other")
    (tmp_path / "given" / "b_lib_generic").symlink_to(tmp_path / "elsewhere")
    return tmp_path / "given"


@pytest.fixture
def workspace(tmp_path):
    return Workspace(root=tmp_path / "work")


def test_the_copy_has_links_as_links_and_linked_artifacts_as_directories(artifacts, workspace):
    copy_artifacts(artifacts, workspace)

    assert (workspace.artifacts / "a_lib_generic" / "link").readlink().name == "file"
    assert not (workspace.artifacts / "b_lib_generic").is_symlink()
    assert (workspace.artifacts / "b_lib_generic" / "other").read_text() == "other"


def test_a_change_of_the_copy_leaves_the_artifacts_alone(artifacts, workspace):
    copy_artifacts(artifacts, workspace)
    append(workspace.artifacts / "b_lib_generic" / "other", "changed")

    assert (artifacts / "b_lib_generic" / "other").read_text() == "other"
    assert (workspace.artifacts / "b_lib_generic" / "other").read_text() == "other\n// changed\n"


def test_a_directory_without_artifacts_is_an_error(tmp_path, workspace):
    with pytest.raises(UserError) as caught:
        copy_artifacts(tmp_path, workspace)

    assert str(caught.value) == f"{tmp_path}: holds no artifact directory"


def test_touching_changes_times_and_nothing_else(artifacts):
    file, link = artifacts / "a_lib_generic" / "file", artifacts / "a_lib_generic" / "link"
    before = file.stat().st_mtime_ns, link.lstat().st_mtime_ns

    touch_everything(artifacts)

    assert file.stat().st_mtime_ns > before[0]
    assert link.lstat().st_mtime_ns == before[1]
    assert file.read_text() == "content"


def test_what_was_built_is_forgotten_and_the_copy_is_not(artifacts, workspace):
    copy_artifacts(artifacts, workspace)
    workspace.build_dir.mkdir()

    workspace.forget()

    assert [path.name for path in workspace.root.iterdir()] == ["artifacts"]
