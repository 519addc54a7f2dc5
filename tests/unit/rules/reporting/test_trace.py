"""The trace that a run leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rules.engines.engine import Engine, Inline, Load
from rules.engines.processes import Processes
from rules.reporting.trace import Trace
from tests.support.trace import assert_nested
from tools.workers.context import Context


def hash_some(request: int, context: Context) -> None:
    jobs = [context.pool.submit(lambda: sum(range(200_000)), step="hash", size=request) for _ in range(20)]
    for job in jobs:
        job.result()


def traced(engine: Engine, directory: Path) -> dict[str, object]:
    trace = Trace(engine)
    trace.begin("catalog:a")
    engine.submit(hash_some, 5, Load(seconds=60.0), name="catalog:a").result(60)
    trace.end("catalog:a")
    trace.write(directory)
    return json.loads((directory / "trace.json").read_text())


@pytest.fixture(scope="module")
def of_workers(tmp_path_factory) -> dict[str, object]:
    engine = Processes(2, worth=0)
    try:
        return traced(engine, tmp_path_factory.mktemp("trace"))
    finally:
        engine.cancel()


def test_a_job_in_a_worker_is_there_with_what_its_pool_did(of_workers):
    events = of_workers["traceEvents"]
    [job] = [event for event in events if event.get("cat") == "job" and event["name"] == "catalog:a"]
    pool = [event for event in events if event.get("cat") == "pool"]

    assert job["name"] == "catalog:a"
    assert sum(event["args"]["bytes"] for event in pool) == 20 * 5
    assert {event["pid"] for event in pool} == {job["pid"]}
    assert all(job["ts"] <= event["ts"] for event in pool)


def test_a_task_waits_before_its_job_begins(of_workers):
    events = of_workers["traceEvents"]
    [task], [wait], [job] = (
        [event for event in events if event.get("cat") == kind and event["name"] == name]
        for kind, name in (("task", "catalog:a"), ("wait", "waits for a worker"), ("job", "catalog:a"))
    )

    assert task["ts"] <= wait["ts"] <= wait["ts"] + wait["dur"] <= job["ts"]
    assert job["ts"] + job["dur"] <= task["ts"] + task["dur"]


def test_spans_of_a_thread_nest(of_workers):
    assert_nested(of_workers)


def test_what_a_worker_costs_beside_its_jobs_is_told(of_workers):
    events = of_workers["traceEvents"]
    names = [event for event in events if event["name"] == "thread_name"]
    threads = {(event["pid"], event["tid"]): event["args"]["name"] for event in names}
    told = {(threads[event["pid"], event["tid"]], event["name"]) for event in events if event.get("tdur")}

    assert {("server", "import"), ("for worker 1", "catalog:a"), ("MainThread", "begin workers")} <= told


def test_memory_of_a_worker_is_told(of_workers):
    assert [event["args"]["private bytes"] > 1_000_000 for event in of_workers["traceEvents"] if event["ph"] == "C"]


def test_jobs_in_this_process_are_told_by_their_thread(tmp_path):
    events = traced(Inline(1), tmp_path)["traceEvents"]

    assert {event["args"]["name"] for event in events if event["name"] == "thread_name"} == {
        "MainThread",
        "doit",
        "pool 1",
    }


def test_what_a_signal_ended_is_told_up_to_then(tmp_path):
    engine = Inline(1)
    trace = Trace(engine)
    trace.begin("catalog:a")
    engine.submit(hash_some, 5, name="catalog:a").result(60)

    trace.write(tmp_path)

    assert '"cat":"task"' in (tmp_path / "trace.json").read_text()


def test_a_run_without_a_job_leaves_the_traces_alone(tmp_path):
    trace = Trace(Inline(1))
    trace.begin("serve")
    trace.end("serve")

    trace.write(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_trace_that_cannot_be_written_fails_nothing(tmp_path):
    engine = Inline(1)
    (tmp_path / "file").touch()
    trace = Trace(engine)
    trace.begin("catalog:a")
    engine.submit(hash_some, 5, name="catalog:a").result(60)

    trace.write(tmp_path / "file")

    assert [path.name for path in tmp_path.iterdir()] == ["file"]
