"""Tests of tools.workers.budget and of the ways a build ends early."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time

import pytest

from tests.unit.wheel.projects import Project, names
from tools.workers.budget import Budget


def test_memory_is_taken_and_given_back() -> None:
    budget = Budget(100)

    assert budget.try_take(60)
    assert not budget.try_take(60)
    budget.give(60)
    assert budget.try_take(60)


def test_one_that_needs_more_than_there_is_gets_it_alone() -> None:
    budget = Budget(100)

    assert budget.try_take(1000)
    assert not budget.try_take(1)
    budget.give(1000)
    assert budget.try_take(1)


def test_waiting_for_memory_ends_when_it_is_given_back() -> None:
    budget = Budget(100)
    budget.take(100)
    waiting = threading.Thread(target=budget.take, args=(50,), daemon=True)
    waiting.start()

    budget.give(100)
    waiting.join(10)

    assert not waiting.is_alive()
    assert not budget.try_take(51)


def test_all_memory_is_given_back(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    budget = Budget(1 << 20)
    monkeypatch.setattr("tools.wheel.schedule.steps.BUDGET_OF_PROCESS", budget)
    good, bad = project.source("good", b"good" * 9999), project.source("bad", b"bad" * 99_999)

    project.build(good, bad)
    assert budget.try_take(1 << 20)
    budget.give(1 << 20)

    (project.root / "bad").unlink()
    project.receipt().unlink()
    steps_failed(project, good, bad)
    deadline = time.monotonic() + 10
    while not budget.try_take(1 << 20):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def steps_failed(project: Project, *members: object) -> None:
    from tools.workers.reuse import STORE

    STORE.clear()
    with pytest.raises(Exception, match="is not the file that its catalog recorded"):
        project.build(*members)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_an_interrupted_process_ends_soon_and_leaves_no_wheel(project: Project, number: signal.Signals) -> None:
    """64 large members at the slowest level: a minute of work, interrupted at once."""
    content = b"".join(b"%d " % (n * n) for n in range(400_000))
    plan = project.plan(*(project.source(f"{n}", b"%d" % n + content) for n in range(64)))
    request = project.request(plan, level=12)
    code = "import sys; from tools.wheel.__main__ import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, plan, project.root, request.directory, "--level", "12"],
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while not (request.directory.is_dir() and names(request.directory)):
        assert time.monotonic() < deadline
        time.sleep(0.02)

    process.send_signal(number)

    process.wait(20)
    left = names(request.directory)
    assert left == [] if number == signal.SIGINT else all(name.endswith(".part") for name in left)
