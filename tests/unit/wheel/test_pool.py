"""Tests of tools.wheel.pool and of the ways a build ends early."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from functools import partial

import pytest

from tests.unit.wheel.projects import Project, names
from tools.wheel.pool import Budget, Pool, cores, pool


def test_a_job_gives_its_result_or_its_exception() -> None:
    threads = Pool(2)

    assert threads.submit(lambda: 6 * 7).result(10) == 42
    with pytest.raises(ZeroDivisionError):
        threads.submit(lambda: 1 / 0).result(10)
    assert threads.submit(lambda: "still working").result(10) == "still working"


def test_a_job_that_was_cancelled_is_not_run() -> None:
    threads, gate, ran = Pool(1), threading.Event(), threading.Event()
    first = threads.submit(gate.wait)
    second = threads.submit(ran.set)

    assert second.cancel()
    gate.set()

    assert first.result(10)
    threads.submit(lambda: None).result(10)
    assert not ran.is_set()


def test_urgent_jobs_are_done_first_and_all_in_their_order() -> None:
    threads, gate = Pool(1), threading.Event()
    done: list[int] = []
    first = threads.submit(gate.wait)

    futures = [threads.submit(partial(done.append, n), urgent=n % 2 == 0) for n in range(6)]
    gate.set()

    assert first.result(10)
    for future in futures:
        future.result(10)
    assert done == [0, 2, 4, 1, 3, 5]


def test_a_pool_has_the_threads_asked_for() -> None:
    pool(cores())

    running = [thread for thread in threading.enumerate() if thread.name.startswith("deflate-")]
    assert len({thread.name for thread in running}) >= cores()
    assert all(thread.daemon for thread in running)


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
    monkeypatch.setattr("tools.wheel.steps.BUDGET_OF_PROCESS", budget)
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
    from tools.wheel.store import STORE

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
