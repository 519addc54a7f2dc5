"""Jobs in worker processes: what comes back, and that no worker outlives whoever it works for."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from rules.engines.engine import SMALL, Load
from rules.engines.processes import WORTH, Processes
from rules.engines.worker_processes import WorkerLost
from tests.support.jobs import LARGE, count, crash, die, pid_of, refuse, write_for_ever
from tools.errors import UserError
from tools.workers.context import Context


def parent_of(request: object, context: Context) -> int:
    return os.getppid()


@pytest.fixture
def engine():
    engine = Processes(2, worth=0)
    yield engine
    engine.cancel()


def test_a_large_job_runs_in_another_process(engine):
    assert engine.submit(pid_of, None, LARGE).result(60) != os.getpid()
    assert engine.where() == "in 1 worker process"


def test_a_worker_is_begun_only_if_there_is_work_for_it(engine, tmp_path):
    for number in range(2):
        engine.submit(write_for_ever, tmp_path / str(number), LARGE)
        engine.submit(write_for_ever, tmp_path / str(number), Load(seconds=1e-6))

    assert engine.where() == "in 2 worker processes"


def test_a_small_job_runs_here(engine):
    assert engine.submit(pid_of, None, SMALL).result(0) == os.getpid()
    assert engine.where() == ""


def wait_for(request: tuple[threading.Event, threading.Event], context: Context) -> int:
    begun, over = request
    begun.set()
    assert over.wait(60)
    return os.getpid()


@pytest.fixture
def beside():
    """Hold a job of a minute under way in the process of an engine of its own; give that engine."""
    engine, begun, over = Processes(2), threading.Event(), threading.Event()
    thread = threading.Thread(target=engine.submit, args=(wait_for, (begun, over), LARGE))
    thread.start()
    assert begun.wait(60)
    yield engine
    over.set()
    thread.join()
    engine.cancel()


def test_workers_are_begun_for_work_beside_a_job_that_is_under_way(beside):
    assert beside.submit(pid_of, None, Load(seconds=WORTH)).result(60) != os.getpid()


def test_too_little_work_beside_a_job_that_is_under_way_is_done_here(beside):
    pids = {beside.submit(pid_of, None, Load(seconds=WORTH / 2.5)).result(60) for _ in range(4)}

    assert pids == {os.getpid()}


def test_large_jobs_that_follow_each_other_are_done_here():
    engine = Processes(2)

    assert {engine.submit(pid_of, None, LARGE).result(60) for _ in range(3)} == {os.getpid()}


def test_workers_that_are_worth_nothing_are_begun_by_the_first_job_of_any_size():
    engine = Processes(1, worth=0)

    here = engine.submit(pid_of, None, SMALL).result(0)
    there = engine.submit(pid_of, None, Load(seconds=1e-6)).result(60)
    engine.cancel()

    assert here == os.getpid() != there


def test_what_workers_count_is_the_engine_s_progress(engine):
    for amount in (20, 1):
        engine.submit(count, amount, LARGE).result(60)
    engine.submit(count, 300, SMALL).result(0)

    assert engine.progress().bytes_read == 321


def test_an_error_of_the_user_comes_through(engine):
    with pytest.raises(UserError, match=r"^a sentence$"):
        engine.submit(refuse, "a sentence", LARGE).result(60)


def test_a_bug_comes_through_with_its_place(engine):
    with pytest.raises(KeyError) as caught:
        engine.submit(crash, "bug", LARGE).result(60)

    assert "in crash" in caught.value.__notes__[0]


def test_a_request_that_does_not_pickle_is_that_job_s_error_alone(engine):
    with pytest.raises((TypeError, AttributeError), match="pickle"):
        engine.submit(count, lambda: None, LARGE).result(60)

    assert engine.submit(pid_of, None, LARGE).result(60)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (
            signal.SIGKILL,
            "its worker process was killed by signal 9; the kernel does so when memory runs out: run again with a "
            "smaller jobs=... or engine=inline",
        ),
        (signal.SIGTERM, "its worker process was killed by signal 15; run again"),
    ],
)
def test_a_worker_that_is_killed_is_a_sentence_and_ends_the_others(engine, tmp_path, number, sentence):
    other = engine.submit(write_for_ever, tmp_path / "file", LARGE)
    deadline = time.monotonic() + 60
    while not (tmp_path / "file").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)

    with pytest.raises(WorkerLost) as lost:
        engine.submit(die, number, LARGE).result(60)
    with pytest.raises(WorkerLost) as also:
        other.result(60)

    assert str(lost.value) == sentence
    assert str(also.value) == "not finished, since another worker process was lost"
    size = (tmp_path / "file").stat().st_size
    time.sleep(0.1)
    assert (tmp_path / "file").stat().st_size == size


def test_jobs_that_wait_when_a_worker_is_killed_are_not_begun(engine):
    jobs = [engine.submit(die, signal.SIGKILL, LARGE) for _ in range(5)]

    errors = {str(job.exception(60)) for job in jobs}

    assert "not begun, since a worker process was lost" in errors


def test_when_the_server_is_killed_its_workers_end_too(engine, tmp_path):
    writing = engine.submit(write_for_ever, tmp_path / "file", LARGE)
    server = engine.submit(parent_of, None, LARGE).result(60)

    os.kill(server, signal.SIGKILL)

    with pytest.raises(WorkerLost, match=r"^its worker process is gone; run again$"):
        writing.result(60)


def test_to_end_twice_closes_no_file_of_others(engine):
    engine.submit(pid_of, None, LARGE).result(60)
    engine.cancel()
    others = os.pipe()

    engine.cancel()

    for descriptor in others:
        os.close(descriptor)


PARENT = """
import fcntl, os, sys, time
from pathlib import Path
from rules.engines.processes import Processes
from tests.support.jobs import LARGE, write_for_ever
lock = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(lock, fcntl.LOCK_EX)
engine = Processes(2, lambda: [lock], 0)
for name in sys.argv[2:]:
    engine.submit(write_for_ever, Path(name), LARGE)
time.sleep(100)
"""


def test_when_the_parent_is_killed_nobody_writes_once_the_lock_is_free(tmp_path):
    files = [tmp_path / "a", tmp_path / "b"]
    parent = subprocess.Popen([sys.executable, "-c", PARENT, tmp_path / "lock", *files])
    deadline = time.monotonic() + 60
    while not all(file.exists() for file in files):
        assert time.monotonic() < deadline
        time.sleep(0.01)

    parent.kill()
    with (tmp_path / "lock").open("r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
    sizes = [file.stat().st_size for file in files]

    assert time.monotonic() < deadline
    time.sleep(0.2)
    assert [file.stat().st_size for file in files] == sizes
    parent.wait()
