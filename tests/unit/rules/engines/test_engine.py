"""Engines differ in where a request runs, in nothing else."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from rules.engines.cluster import Cluster
from rules.engines.engine import Engine, Inline, make_engine
from rules.engines.processes import Processes
from rules.loading.settings import read_settings
from tools.errors import UserError
from tools.workers.context import Context


def double(request: int, context: Context) -> int:
    context.progress.add(bytes_read=request)
    return 2 * request


def fail(request: str, context: Context) -> None:
    raise UserError(request)


def made(root: Path, **given: str) -> Engine:
    return make_engine(read_settings(root, root, given, {}))


@pytest.fixture(params=["inline", "processes"])
def engine(request, tmp_path):
    engine = made(tmp_path, engine=request.param, jobs="2")
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
    ("given", "kind"),
    [
        ({"engine": "inline", "jobs": "8"}, Inline),
        ({"engine": "processes", "jobs": "1"}, Processes),
        ({"engine": "dask", "scheduler": "tcp://127.0.0.1:8786"}, Cluster),
        ({"jobs": "1"}, Inline),
        ({"jobs": "2"}, Processes),
    ],
)
def test_names_of_engines(tmp_path, given, kind):
    assert isinstance(made(tmp_path, **given), kind)


def test_a_cluster_has_a_place(tmp_path):
    with pytest.raises(UserError) as caught:
        made(tmp_path, engine="dask")

    assert str(caught.value) == (
        "engine=dask: needs scheduler=ADDRESS, such as tls://HOST:8786, where `dask scheduler` runs"
    )


def test_inline_runs_in_the_caller_s_thread():
    future = Inline(1).submit(lambda request, context: threading.get_ident(), None)

    assert future.result() == threading.get_ident()
