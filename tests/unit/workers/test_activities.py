"""What threads were at, and how little is kept of it."""

from __future__ import annotations

import os
import threading
import time

from tools.workers.activities import Activities, Activity, sample
from tools.workers.pool import Pool

MILLISECOND = 1_000_000  # ns


def worked(begin: int, end: int, **changes: object) -> Activity:
    return Activity("pool 1", "hash", begin * MILLISECOND, end * MILLISECOND, 1, 10)._replace(**changes)


def test_short_work_of_one_kind_is_told_as_one():
    activities = Activities()
    for begin in range(0, 20, 2):
        activities.add(worked(begin, begin + 1))

    assert activities.take() == (worked(0, 19, cpu=10, size=100, pieces=10),)
    assert activities.take() == ()


def test_other_work_a_pause_and_another_thread_are_told_apart():
    activities = Activities()
    each = [worked(0, 1), worked(1, 2, name="compress"), worked(40, 41, name="compress"), worked(1, 2, thread="pool 2")]
    for activity in each:
        activities.add(activity)

    assert sorted(activities.take()) == sorted(each)


def test_a_long_piece_stands_alone():
    activities = Activities()
    each = [worked(0, 90), worked(90, 200), worked(200, 201)]
    for activity in each:
        activities.add(activity)

    assert activities.take() == tuple(each)


def test_a_block_is_told_with_the_time_that_its_thread_was_at_work():
    activities = Activities()
    with activities.during("jobs", "sleep", 7):
        time.sleep(0.05)

    [activity] = activities.take()

    assert (activity.thread, activity.name, activity.size) == ("jobs", "sleep", 7)
    assert activity.end - activity.begin >= 50 * MILLISECOND > 2 * activity.cpu


def test_a_pool_tells_its_threads_apart():
    activities, gate = Activities(), threading.Barrier(2)
    pool = Pool(2, activities=activities)
    for future in [pool.submit(gate.wait, step="meet", size=1) for _ in range(2)]:
        future.result(10)
    while len(told := activities.take()) < 2:  # a future is done a moment before its activity is
        for activity in told:
            activities.add(activity)

    assert sorted((activity.thread, activity.name) for activity in told) == [("pool 1", "meet"), ("pool 2", "meet")]


def test_memory_of_a_process_grows_by_what_it_fills():
    before = sample()
    filled = os.urandom(50_000_000)
    after = sample()

    assert after.private - before.private > len(filled) * 0.9
    assert after.at >= before.at
