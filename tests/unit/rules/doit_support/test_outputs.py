"""A task's outputs must be the very files that it wrote."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from doit.task import Task

from rules.doit_support.outputs import Outputs


@pytest.fixture
def target(tmp_path: Path) -> Path:
    file = tmp_path / "out"
    file.write_bytes(b"whole")
    return file


def remembered(task: Task) -> dict[str, object]:
    """Return what doit stores when the task has run."""
    Outputs()(task, {})
    task.save_extra_values()
    return task.values


def test_a_task_that_never_ran_is_not_up_to_date(target):
    assert Outputs()(Task("t", None, targets=[str(target)]), {}) is False


def test_files_that_stay_are_up_to_date(target):
    task = Task("t", None, targets=[str(target)])

    assert Outputs()(task, remembered(task)) is True


def test_the_files_are_looked_at_after_the_run(tmp_path):
    task = Task("t", None, targets=[str(tmp_path / "out")])
    Outputs()(task, {})
    (tmp_path / "out").touch()
    task.save_extra_values()

    assert Outputs()(task, task.values) is True


def test_a_hard_link_elsewhere_changes_nothing(target, tmp_path):
    task = Task("t", None, targets=[str(target)])
    values = remembered(task)

    os.link(target, tmp_path / "dist")

    assert Outputs()(task, values) is True


def rewrite(file: Path) -> None:
    file.write_bytes(b"other")


def replace(file: Path) -> None:
    status = file.stat()
    new = file.with_name("new")
    new.write_bytes(file.read_bytes())
    os.utime(new, ns=(status.st_atime_ns, status.st_mtime_ns))
    new.replace(file)


def truncate(file: Path) -> None:
    status = file.stat()
    os.truncate(file, 2)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def link(file: Path) -> None:
    file.rename(file.with_name("moved"))
    file.symlink_to("moved")


@pytest.mark.parametrize("change", [rewrite, replace, truncate, link, Path.unlink])
def test_a_file_that_was_changed_by_hand_is_noticed(target, change):
    task = Task("t", None, targets=[str(target)])
    values = remembered(task)

    change(target)

    assert Outputs()(task, values) is False


def test_what_doit_info_shows_is_a_reason():
    assert repr(Outputs()) == "<its outputs are not the files that it wrote>"
