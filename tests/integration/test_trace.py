"""The trace that a run of doit leaves: its time, its nesting, and what stays when the run is killed."""

from __future__ import annotations

import json
import signal

import pytest

from tests.support.doit_process import Doit
from tests.support.trace import assert_nested
from tests.support.waiting import wait_until
from tools.bench.growth import PLACE, add_headers


def trace_of(doit: Doit) -> dict[str, object]:
    return json.loads((doit.build / "trace.json").read_text())


def test_spans_nest(doit):
    assert doit("index", "engine=processes").code == 0

    assert_nested(trace_of(doit))


@pytest.mark.parametrize("engine", ["inline", "processes"])
def test_spans_tell_of_the_runs_cpu_within_a_tenth(doit, artifacts, engine):
    add_headers(artifacts / PLACE, 2000)

    assert doit("index", f"engine={engine}").code == 0

    trace = trace_of(doit)
    told = sum(event.get("tdur", 0) for event in trace["traceEvents"]) / 1e6
    assert 0.9 <= told / trace["otherData"]["cpu_seconds"] <= 1.0


def test_a_run_with_nothing_to_do_leaves_the_last_trace_alone(doit):
    assert doit("index").code == 0
    before = trace_of(doit)

    assert doit("index").code == 0

    assert trace_of(doit) == before
    assert not (doit.build / "trace.1.json").exists()


def test_a_killed_run_leaves_the_older_trace_readable(doit):
    assert doit("catalog").code == 0
    before = trace_of(doit)
    run = doit.start("index")
    wait_until(lambda: any((doit.build / "plan").rglob("*.json")))
    run.kill()
    run.communicate()

    assert trace_of(doit) == before


def test_a_run_that_a_signal_ends_leaves_its_trace(doit):
    run = doit.start("index")
    wait_until(lambda: any((doit.build / "plan").rglob("*.json")))
    run.send_signal(signal.SIGTERM)
    run.communicate(timeout=30)

    assert run.returncode == 143
    assert any(event["name"].startswith("catalog:") for event in trace_of(doit)["traceEvents"])
