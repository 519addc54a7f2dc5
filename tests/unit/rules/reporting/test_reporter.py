"""What a run says, line by line."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from doit.exceptions import TaskError, TaskFailed, UnmetDependency
from doit.task import Task

from rules.reporting.reporter import Reporter
from rules.task import Behind
from tests.support.contracts import receipt_of, written
from tools.values import write_json

MEMBER = written("a", 4000, compressed_size=900, method=8)


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def reporter(out: io.StringIO) -> Reporter:
    return Reporter(out, {})


def task(name: str, **meta: object) -> Task:
    return Task(name, [lambda: None], meta=meta)


def receipt_file(directory: Path) -> Path:
    receipt = receipt_of(MEMBER, version="1", filename="rocm_sdk_core-1-py3-none-linux_x86_64.whl")
    file = directory / "core.json"
    write_json(file, receipt)
    return file


def finish(reporter: Reporter, task: Task) -> None:
    reporter.execute_task(task)
    reporter.add_success(task)


def test_nothing_to_do_is_one_line(reporter, out):
    reporter.skip_uptodate(task("a"))
    reporter.skip_uptodate(task("b"))
    reporter.complete_run()

    assert out.getvalue() == "steps: 0 done, 2 up to date, 0 failed\n"


def test_a_quick_step_is_counted_only(reporter, out):
    finish(reporter, task("catalog:x"))
    reporter.complete_run()

    assert out.getvalue() == "steps: 1 done, 0 up to date, 0 failed\n"


def test_a_slow_step_has_a_line(reporter, out, monkeypatch):
    clock = iter([100.0, 161.0, 200.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))

    finish(reporter, task("catalog:x"))

    assert out.getvalue() == "done    catalog:x  in 1 min 01 s\n"


def test_a_wheel_has_a_line_and_a_row(reporter, out, tmp_path, monkeypatch):
    monkeypatch.setattr("time.monotonic", lambda: 0.0)

    core = task("build:generic:core", receipt=receipt_file(tmp_path))
    core.values = {"members": 1, "installed": 4000, "reused": 3000}

    finish(reporter, core)
    reporter.complete_run()

    assert out.getvalue().splitlines() == [
        "built   rocm-sdk-core  1.00 kB at 0.0 s  sha256 ab12ab12",
        "",
        "version 1 for linux_x86_64",
        "wheel          files     size  ratio  reused  done at",
        "rocm-sdk-core      1  1.00 kB    25%     75%    0.0 s",
        "",
        "wheels: 1 built, 0 up to date, 0 failed",
    ]


def test_wheels_and_other_steps_are_counted_apart(reporter, out, tmp_path, capsys):
    """The form of the first half never changes, so that it can be searched for; the second has no zeros."""
    tasks = {name: task(name, receipt=tmp_path / name, outline=tmp_path / "outline") for name in ("a", "b", "c", "d")}
    tasks["build"] = Task("build", None, task_dep=["a", "b", "c", "d"])
    reporter.initialize(tasks, ["build"])
    finish(reporter, task("catalog:x"))
    reporter.skip_uptodate(task("catalog:y"))
    reporter.skip_uptodate(tasks["a"])
    reporter.skip_ignore(tasks["b"])
    reporter.add_failure(tasks["c"], TaskFailed("no"))
    reporter.add_failure(tasks["d"], UnmetDependency("c"))
    reporter.complete_run()

    assert out.getvalue().splitlines() == [
        "ignored b",
        "wheels: 0 built, 1 up to date, 1 failed, 1 left; other steps: 1 done, 1 up to date",
    ]


def test_groups_are_not_counted(reporter, out):
    group = Task("build", None)
    reporter.execute_task(group)
    reporter.add_success(group)
    reporter.skip_uptodate(group)
    reporter.complete_run()

    assert out.getvalue() == "steps: 0 done, 0 up to date, 0 failed\n"


def test_a_failed_task_is_a_sentence_on_stderr(reporter, out, capsys):
    reporter.execute_task(task("a"))
    reporter.add_failure(task("a"), TaskFailed("x: makes no sense"))
    reporter.complete_run()

    assert capsys.readouterr().err == "failed  a: x: makes no sense\n"
    assert out.getvalue() == "steps: 0 done, 0 up to date, 1 failed\n"
    assert reporter.bugs == 0


def test_tasks_that_failed_because_of_another_one_are_counted_by_reason(reporter, out, capsys):
    reporter.add_failure(task("a"), TaskFailed("the scheduler is gone"))
    for name in ("b", "c"):
        reporter.add_failure(task(name), Behind("not begun"))
    reporter.add_failure(task("d"), Behind("not finished"))
    reporter.complete_run()

    assert capsys.readouterr().err.splitlines() == [
        "failed  a: the scheduler is gone",
        "failed  2 more tasks: not begun",
        "failed  1 more task: not finished",
    ]
    assert "4 failed" in out.getvalue()


def test_failed_tasks_are_named_again_below_the_table(reporter, out, tmp_path):
    reporter.add_failure(task("plan:b"), TaskFailed("no"))
    finish(reporter, task("build:generic:core", receipt=receipt_file(tmp_path)))
    reporter.add_failure(task("plan:a"), TaskFailed("no"))
    reporter.complete_run()

    assert out.getvalue().splitlines()[-2:] == [
        "failed: plan:a, plan:b; the reason stands above",
        "wheels: 1 built, 0 up to date, 0 failed; other steps: 2 failed",
    ]


def test_a_bug_keeps_its_traceback(reporter, capsys):
    try:
        raise KeyError("bug")
    except KeyError as error:
        reporter.add_failure(task("a"), TaskError("PythonAction Error", error))

    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "failed  a: PythonAction Error"
    assert lines[1] == "Traceback (most recent call last):"
    assert lines[-1] == "KeyError: 'bug'"
    assert reporter.bugs == 1


def test_a_task_behind_a_failed_one_is_skipped_not_failed(reporter, out, capsys):
    reporter.add_failure(task("b"), UnmetDependency("a"))
    reporter.add_failure(Task("group", None), UnmetDependency("a"))
    reporter.complete_run()

    assert capsys.readouterr().err == "skipped b: a failed\n"
    assert out.getvalue() == "steps: 0 done, 0 up to date, 0 failed\n"
    assert reporter.bugs == 0


def test_what_comes_next_is_said_when_all_is_well(reporter, out):
    tasks = {"build": task("build", next="doit index"), "a": task("a")}
    reporter.initialize(tasks, ["build", "a"])
    reporter.complete_run()

    assert out.getvalue() == "next: doit index\nsteps: 0 done, 0 up to date, 0 failed\n"


def test_what_comes_next_is_not_said_after_a_failure(reporter, out):
    tasks = {"build": task("build", next="doit index")}
    reporter.initialize(tasks, ["build"])
    reporter.add_failure(tasks["build"], TaskFailed("no"))
    reporter.complete_run()

    assert out.getvalue() == "steps: 0 done, 0 up to date, 1 failed\n"


def test_the_end_that_serve_waits_for_is_no_interruption(reporter, out):
    reporter.initialize({"serve": task("serve")}, ["serve"])
    with pytest.raises(SystemExit):  # noqa: PT012 - as doit does it
        try:
            raise SystemExit(0)
        finally:
            reporter.complete_run()

    assert out.getvalue() == "steps: 0 done, 0 up to date, 0 failed\n"


@pytest.mark.parametrize("reason", [SystemExit, KeyboardInterrupt])
def test_an_interrupted_run_says_so_and_nothing_of_what_comes_next(reporter, out, reason):
    reporter.initialize({"a": task("a", next="x")}, ["a"])
    reporter.execute_task(task("a"))
    with pytest.raises(reason):  # noqa: PT012 - as doit does it
        try:
            raise reason
        finally:
            reporter.complete_run()

    assert out.getvalue() == "steps: 0 done, 0 up to date, 0 failed; interrupted\n"


def planned(name: str, *problems: tuple[str, str]) -> Task:
    done = task(name)
    done.values = {"problems": [[reason, culprit, f"{name}.txt"] for reason, culprit in problems]}
    return done


def test_a_reason_that_several_tasks_found_is_told_once(reporter, out):
    finish(reporter, planned("plan:a", ("is empty", "x"), ("nobody claims it", "y")))
    finish(reporter, planned("plan:b", ("is empty", "z"), ("is empty", "x")))

    reporter.complete_run()

    assert [line for line in out.getvalue().splitlines() if line.startswith("warning")] == [
        "warning: x, z: is empty",
        "warning: y: nobody claims it",
    ]


def test_a_reason_of_many_says_where_all_of_them_stand(reporter, out):
    finish(reporter, planned("plan:a", *(("is empty", f"{number:02}") for number in range(12))))

    reporter.complete_run()

    assert [line for line in out.getvalue().splitlines() if line.startswith("warning")] == [
        "warning: 00, 01, 02, 03, 04, 05, 06, 07, 08, 09 and 2 more: is empty",
        "warning: all of them are listed in plan:a.txt",
    ]
