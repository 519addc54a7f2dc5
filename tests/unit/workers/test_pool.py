"""Tests of tools.workers.pool."""

from __future__ import annotations

import threading
import time
from functools import partial

import pytest

from tools.workers.pool import TOGETHER, Pool


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


def test_jobs_that_are_mostly_python_are_done_first_and_a_few_at_a_time() -> None:
    pool, gate = Pool(8), threading.Event()
    begun = [threading.Event() for _ in range(TOGETHER + 2)]

    def job(number: int) -> None:
        begun[number].set()
        gate.wait()

    futures = [pool.submit(partial(job, number), mostly_python=True) for number in range(len(begun))]
    for event in begun[:TOGETHER]:
        assert event.wait(10)
    assert pool.submit(lambda: "others go on").result(10) == "others go on"
    assert [event.is_set() for event in begun[TOGETHER:]] == [False, False]
    gate.set()

    for future in futures:
        future.result(10)


def begun_by(threads: int, jobs: int) -> list[threading.Thread]:
    """Return the threads that a pool begins for so many jobs at a time."""
    before, gate = set(threading.enumerate()), threading.Event()
    pool = Pool(threads)
    futures = [pool.submit(gate.wait) for _ in range(jobs)]
    begun = list(set(threading.enumerate()) - before)
    gate.set()
    for future in futures:
        future.result(10)
    return begun


def test_a_pool_has_no_more_threads_than_were_asked_for() -> None:
    running = begun_by(3, jobs=10)

    assert len(running) == 3
    assert all(thread.daemon for thread in running)


def test_a_pool_has_no_more_threads_than_it_has_jobs_at_a_time() -> None:
    assert len(begun_by(16, jobs=2)) == 2


def test_an_idle_thread_gets_the_next_job() -> None:
    pool, before = Pool(16), set(threading.enumerate())

    for _ in range(5):
        pool.submit(lambda: None).result(10)
        time.sleep(0.01)  # the thread says that it is idle after the result is there

    assert len(set(threading.enumerate()) - before) == 1


def test_each_job_is_done_with_the_gate_held() -> None:
    gate = threading.Lock()

    assert Pool(1, gate).submit(gate.locked).result(10)
