"""Engines differ in where a request runs, in nothing else."""

from __future__ import annotations

import threading

import pytest

from rules.engines.engine import Inline, make_engine
from rules.engines.processes import Processes
from tools.errors import UserError
from tools.workers.context import Context


def double(request: int, context: Context) -> int:
    context.progress.add(bytes_read=request)
    return 2 * request


def fail(request: str, context: Context) -> None:
    raise UserError(request)


@pytest.fixture(params=["inline", "processes"])
def engine(request):
    engine = make_engine(request.param, 2)
    yield engine
    engine.cancel()


def test_the_result_comes_back(engine):
    assert engine.submit(double, 21).result() == 42


def test_an_error_comes_through(engine):
    with pytest.raises(UserError, match=r"^sentence$"):
        engine.submit(fail, "sentence").result()


def test_what_actions_count_is_the_engine_s_progress(engine):
    assert engine.progress().bytes_read == 0

    engine.submit(double, 21).result()
    engine.submit(double, 1).result()

    assert engine.progress().bytes_read == 22


@pytest.mark.parametrize(
    ("name", "jobs", "kind"),
    [("inline", 8, Inline), ("processes", 1, Processes), (None, 1, Inline), (None, 2, Processes)],
)
def test_names_of_engines(name, jobs, kind):
    assert isinstance(make_engine(name, jobs), kind)


def test_inline_runs_in_the_caller_s_thread():
    future = Inline(1).submit(lambda request, context: threading.get_ident(), None)

    assert future.result() == threading.get_ident()
