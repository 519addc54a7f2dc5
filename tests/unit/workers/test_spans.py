"""What threads were at, and how little is kept of it."""

from __future__ import annotations

import os
import threading
import time

from tools.workers.pool import Pool
from tools.workers.spans import Span, Spans, sample

MILLISECOND = 1_000_000  # ns


def worked(begin: int, end: int, **changes: object) -> Span:
    return Span("pool 1", "hash", begin * MILLISECOND, end * MILLISECOND, 1, 10)._replace(**changes)


def test_short_work_of_one_kind_is_told_as_one():
    spans = Spans()
    for begin in range(0, 20, 2):
        spans.add(worked(begin, begin + 1))

    assert spans.take() == (worked(0, 19, cpu=10, size=100, pieces=10),)
    assert spans.take() == ()


def test_other_work_a_pause_and_another_thread_are_told_apart():
    spans = Spans()
    each = [worked(0, 1), worked(1, 2, name="compress"), worked(40, 41, name="compress"), worked(1, 2, thread="pool 2")]
    for span in each:
        spans.add(span)

    assert sorted(spans.take()) == sorted(each)


def test_a_long_piece_stands_alone():
    spans = Spans()
    each = [worked(0, 90), worked(90, 200), worked(200, 201)]
    for span in each:
        spans.add(span)

    assert spans.take() == tuple(each)


def test_a_block_is_told_with_the_time_that_its_thread_was_at_work():
    spans = Spans()
    with spans.during("jobs", "sleep", 7):
        time.sleep(0.05)

    [span] = spans.take()

    assert (span.thread, span.name, span.size) == ("jobs", "sleep", 7)
    assert span.end - span.begin >= 50 * MILLISECOND > 2 * span.cpu


def test_a_pool_tells_its_threads_apart():
    spans, gate = Spans(), threading.Barrier(2)
    pool = Pool(2, spans=spans)
    for future in [pool.submit(gate.wait, step="meet", size=1) for _ in range(2)]:
        future.result(10)
    while len(told := spans.take()) < 2:  # a future is done a moment before its span is
        for span in told:
            spans.add(span)

    assert sorted((span.thread, span.name) for span in told) == [("pool 1", "meet"), ("pool 2", "meet")]


def test_memory_of_a_process_grows_by_what_it_fills():
    before = sample()
    filled = os.urandom(50_000_000)
    after = sample()

    assert after.private - before.private > len(filled) * 0.9
    assert after.at >= before.at
