"""Engines differ in where a request runs, in nothing else."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from rules.engines.engine import Inline, Threads, make_engine
from tools.errors import UserError


@pytest.fixture(params=["inline", "threads"])
def engine(request):
    engine = make_engine(request.param, 2)
    yield engine
    engine.close()


def test_the_result_comes_back(engine):
    assert engine.run(len, "four") == 4


def test_an_error_comes_through(engine):
    def fail(request: str) -> None:
        raise UserError(request)

    with pytest.raises(UserError, match=r"^sentence$"):
        engine.run(fail, "sentence")


def test_names_of_engines():
    assert isinstance(make_engine("inline", 1), Inline)
    assert isinstance(make_engine("threads", 1), Threads)


def test_inline_runs_in_the_caller_s_thread():
    assert Inline().run(lambda _: threading.get_ident(), None) == threading.get_ident()


def test_threads_run_no_more_than_their_number_at_a_time():
    engine = Threads(2)
    most = running = 0
    lock, both = threading.Lock(), threading.Barrier(2, timeout=10)

    def work(request: int) -> None:
        nonlocal most, running
        with lock:
            running += 1
            most = max(most, running)
        both.wait()
        with lock:
            running -= 1

    with ThreadPoolExecutor(8) as callers:
        list(callers.map(lambda number: engine.run(work, number), range(8)))
    engine.close()

    assert most == 2
