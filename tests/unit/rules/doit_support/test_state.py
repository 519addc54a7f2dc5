"""doit's state survives a crash: what a finished task leaves is on disk at once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from doit.dependency import Dependency, JSONCodec
from doit.exceptions import InvalidDodoFile
from doit.task import Task

from rules.doit_support.state import LAST_KEY, DurableDB


def keys_set_by_doit(task: Task) -> list[str]:
    keys = []

    class Recorder(DurableDB):
        def set(self, task_id, dependency, value):
            keys.append(dependency)
            super().set(task_id, dependency, value)

    dependency = Dependency(Recorder, ":memory:")
    dependency.save_success(task)
    dependency.close()
    return keys


def on_disk(file: Path) -> dict[str, str]:
    with closing(sqlite3.connect(file)) as connection:
        return dict(connection.execute("select task_id, task_data from doit"))


@pytest.fixture
def finished(tmp_path: Path) -> Task:
    (tmp_path / "in").write_text("x")
    task = Task("t", None, file_dep=[str(tmp_path / "in")])
    task.values, task.result = {"a": 1}, "done"
    return task


def test_doit_writes_the_key_that_commits_last_and_once(finished):
    keys = keys_set_by_doit(finished)

    assert keys[-1] == LAST_KEY
    assert keys.count(LAST_KEY) == 1


def test_a_finished_task_is_on_disk_before_the_run_ends(tmp_path, finished):
    dependency = Dependency(DurableDB, str(tmp_path / "state"))

    dependency.save_success(finished)

    assert list(on_disk(tmp_path / "state")) == ["t"]
    dependency.close()


def test_what_is_on_disk_is_what_the_next_run_reads(tmp_path, finished):
    first = Dependency(DurableDB, str(tmp_path / "state"))
    first.save_success(finished)

    second = Dependency(DurableDB, str(tmp_path / "state"))

    assert second.get_values("t") == {"a": 1}
    assert second.get_status(finished, {}).status == "up-to-date"
    first.close()
    second.close()


def test_a_task_that_failed_is_forgotten_on_disk(tmp_path, finished):
    dependency = Dependency(DurableDB, str(tmp_path / "state"))
    dependency.save_success(finished)

    dependency.remove_success(finished)

    assert on_disk(tmp_path / "state") == {}
    dependency.close()


def test_a_missing_directory_is_made(tmp_path):
    DurableDB(str(tmp_path / "a/b/state"), JSONCodec()).dump()

    assert (tmp_path / "a/b/state").is_file()


def test_a_damaged_file_is_a_sentence(tmp_path):
    (tmp_path / "state").write_bytes(b"no database, but long enough for one" * 100)

    with pytest.raises(InvalidDodoFile) as caught:
        DurableDB(str(tmp_path / "state"), JSONCodec())

    assert str(caught.value) == (
        f"{tmp_path / 'state'}: the state of finished tasks cannot be opened (file is not a database); "
        "make its directory writable, or remove the file and run again"
    )


def test_a_directory_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(InvalidDodoFile, match=r"cannot be opened \(.*; make its directory writable"):
        DurableDB(str(tmp_path / "file/state"), JSONCodec())
