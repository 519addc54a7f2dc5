"""Processes of this machine that run jobs, seen from whoever has them."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.support.jobs import count, die, pid_of, refuse
from tools.workers.context import Context
from tools.workers.group import Group
from tools.workers.messages import Counted, Lost, Raised, Returned


def sleep(request: float, context: Context) -> None:
    time.sleep(request)


@pytest.fixture
def group():
    group = Group(2)
    yield group
    group.end()


def run(worker, action, request, **options):
    return worker.run(action, request, "a job", options.pop("told", lambda message: None), **options)


def test_each_worker_is_a_process(group):
    pids = {run(worker, pid_of, None).value for worker in (group.begin(), group.begin())}

    assert len(pids) == 2
    assert os.getpid() not in pids


def test_what_is_counted_is_told_before_the_outcome(group):
    told = []

    assert run(group.begin(), count, 3, told=told.append) == Returned(None)
    assert [message.counts.bytes_read for message in told if isinstance(message, Counted)] == [3]


def test_an_error_is_an_outcome(group):
    outcome = run(group.begin(), refuse, "a sentence")

    assert isinstance(outcome, Raised)
    assert str(outcome.error) == "a sentence"


def test_a_worker_that_is_killed_is_told_from_those_that_end_with_it(group):
    one, other = group.begin(), group.begin()
    run(other, pid_of, None)

    assert run(one, die, signal.SIGKILL) == Lost(-signal.SIGKILL, is_first=True)
    assert isinstance(outcome := run(other, pid_of, None), Lost)
    assert not outcome.is_first


def test_a_job_that_is_not_wanted_any_more_ends(group):
    begun = time.monotonic()
    outcome = run(group.begin(), sleep, 60.0, is_wanted=lambda: time.monotonic() - begun < 0.5)

    assert isinstance(outcome, Lost)
    assert not outcome.is_first
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize(
    ("lost", "text"),
    [
        (Lost(None, is_first=True), "is gone"),
        (Lost(-9, is_first=True), "was killed by signal 9"),
        (Lost(3, is_first=True), "ended with code 3"),
    ],
)
def test_how_a_worker_ended_is_told(lost, text):
    assert str(lost) == text
