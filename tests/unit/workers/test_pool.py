"""Tests of tools.workers.pool."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from tools.workers.pool import Pool


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
    before = set(threading.enumerate())

    Pool(3)

    running = set(threading.enumerate()) - before
    assert len(running) == 3
    assert all(thread.daemon for thread in running)
