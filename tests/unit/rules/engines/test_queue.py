"""Which job a worker gets next."""

from __future__ import annotations

import threading

import pytest

from rules.engines.engine import Load
from rules.engines.queue import LARGE, Job, Queue
from tools.errors import UserError
from tools.plan.outline import Outline


def job(name: str, *, rank: int = 0, seconds: float = 1.0, contents: str = "") -> Job:
    outline = Outline(members=1, bytes=1, sample=tuple((content, 1.0) for content in contents))
    return Job(len, name, Load(rank=rank, seconds=seconds, outline=outline))


def filled(*jobs: Job) -> Queue:
    queue = Queue()
    for one in jobs:
        queue.put(one)
    return queue


def taken(queue: Queue) -> str:
    found = queue.take()
    assert found
    return found.request


def test_what_others_wait_for_comes_first_then_the_largest():
    queue = filled(job("small", seconds=1), job("large", seconds=9), job("plan", rank=-1, seconds=1))

    assert [taken(queue) for _ in range(3)] == ["plan", "large", "small"]


def test_a_job_that_shares_contents_with_one_at_work_is_held_back():
    first = job("first", seconds=3, contents="abcde")
    queue = filled(first, job("second", seconds=2, contents="abcde"), job("other", seconds=1, contents="xyz"))

    assert queue.take() is first
    assert taken(queue) == "other"
    queue.done(first)
    assert taken(queue) == "second"


def test_jobs_that_share_what_a_finished_one_has_are_at_work_together():
    jobs = [job(str(number), contents="abcde") for number in range(3)]
    queue = filled(*jobs)

    first = queue.take()
    assert first
    queue.done(first)

    assert {taken(queue), taken(queue)} == {"1", "2"}


def test_a_job_is_held_back_for_what_no_finished_one_has():
    first, second = job("first", contents="xy"), job("second", contents="abcde")
    queue = filled(first, second, job("third", contents="abcdexy"))

    assert [queue.take(), queue.take()] == [first, second]
    queue.done(first)
    waiting = threading.Thread(target=queue.take, daemon=True)
    waiting.start()
    waiting.join(0.1)

    assert waiting.is_alive()


def test_a_job_that_shares_little_is_not_held_back():
    queue = filled(job("first", seconds=3, contents="abcdef"), job("second", contents="a123456789"))

    assert [taken(queue), taken(queue)] == ["first", "second"]


def test_who_waits_for_a_job_gets_the_next_one():
    queue = Queue()
    got: list[object] = []
    waiting = threading.Thread(target=lambda: got.append(taken(queue)), daemon=True)
    waiting.start()

    queue.put(job("late"))
    waiting.join(10)

    assert got == ["late"]


def test_a_closed_queue_hands_out_nothing_and_what_waits_fails():
    waiting, late = job("waiting"), job("late")
    queue = filled(waiting)

    queue.close(UserError("the reason"))
    queue.put(late)

    assert queue.take() is None
    for one in (waiting, late):
        with pytest.raises(UserError, match=r"^the reason$"):
            one.future.result(0)


def test_another_taker_is_needed_for_each_large_job_and_one_for_all_small_ones():
    small = [job(str(number), seconds=LARGE / 2) for number in range(4)]
    queue = filled(job("large", seconds=LARGE), *small)

    assert [queue.needs_more(coming) for coming in range(3)] == [True, True, False]
