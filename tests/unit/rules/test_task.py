"""A step as a doit task."""

from __future__ import annotations

from pathlib import Path

import pytest
from doit.exceptions import TaskFailed
from doit.task import dict_to_task

from rules.engines.engine import Consequence, Inline
from rules.task import Behind, group, perform, step
from tools.errors import UserError
from tools.workers.context import Context


def make(request: Path, context: Context) -> None:
    request.write_text("made")


def read(request: Path, context: Context) -> bytes:
    return request.read_bytes()


def sample(**changes):
    return step(
        "build:generic",
        "core",
        "makes core",
        **{
            "engine": Inline(1),
            "job": lambda: (make, Path("out")),
            "inputs": [Path("/in")],
            "outputs": [Path("/out")],
            "key": {"rule": 1},
            **changes,
        },
    )


def test_doit_accepts_it():
    task = dict(sample(after=["x"], meta={"next": "y"}))
    task["name"] = f"{task.pop('basename')}:{task['name']}"

    made = dict_to_task(task)

    assert (made.name, made.doc) == ("build:generic:core", "makes core")
    assert (made.file_dep, made.targets, made.task_dep) == ({"/in"}, ["/out"], ["x"])
    assert made.meta == {"next": "y"}
    assert made.io.capture is False


def test_without_a_name_it_is_no_member_of_a_group():
    assert "name" not in step("dist", None, "gathers", engine=Inline(1), job=lambda: (make, Path()), outputs=[], key={})


def test_a_group_has_members_in_their_order_and_no_action():
    assert group("build", "all", ["b", "a"]) == {
        "basename": "build",
        "doc": "all",
        "actions": None,
        "task_dep": ["b", "a"],
        "meta": {},
    }


def test_the_action_runs_the_function_with_the_request(tmp_path):
    assert perform(Inline(1), lambda: (make, tmp_path / "out")) is None
    assert (tmp_path / "out").read_text() == "made"


def test_a_user_error_fails_the_task_with_its_sentence_alone():
    def refuse(request: str, context: Context) -> None:
        raise UserError("x: makes no sense")

    failed = perform(Inline(1), lambda: (refuse, ""))

    assert isinstance(failed, TaskFailed)
    assert (failed.message, failed.traceback) == ("x: makes no sense", "")


def test_what_follows_from_another_failure_is_told_apart():
    def refuse(request: str, context: Context) -> None:
        raise Consequence("not begun")

    failed = perform(Inline(1), lambda: (refuse, ""))

    assert isinstance(failed, Behind)
    assert failed.message == "not begun"


def test_a_file_that_cannot_be_used_fails_the_task_with_its_name_and_the_reason(tmp_path):
    failed = perform(Inline(1), lambda: (read, tmp_path / "none"))

    assert isinstance(failed, TaskFailed)
    assert (failed.message, failed.traceback) == (f"{tmp_path}/none: No such file or directory", "")


def test_a_bug_is_left_to_crash():
    def crash(request: str, context: Context) -> None:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        perform(Inline(1), lambda: (crash, ""))
