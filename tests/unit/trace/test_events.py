"""A run in the Trace Event format."""

from __future__ import annotations

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as some

from tools.trace.events import in_lanes, trace
from tools.trace.model import Lanes, Run
from tools.values import encode_json
from tools.workers.activities import Activity, Sample

SECOND = 1_000_000_000  # ns
TIMES = some.tuples(some.integers(0, 50), some.integers(0, 50)).map(sorted)


def activity(thread: str, name: str, begin: float, end: float, **more: int) -> Activity:
    return Activity(thread, name, int(begin * SECOND), int(end * SECOND), more.pop("cpu", 0), **more)


RUN = Run(
    began=10 * SECOND,
    command=("index",),
    cpu=1.5,
    tasks=[activity("", "catalog:a", 11, 12), activity("", "build:b", 11.5, 14), activity("", "index", 14, 14.25)],
    waits=[activity("", "build:b", 11.5, 13)],
    processes={
        "doit": Lanes(activities=[activity("doit", "doit", 10, 15, cpu=5)]),
        "worker 1": Lanes(
            activities=[
                activity("jobs", "build:b", 13, 14, cpu=100_000),
                activity("pool 10", "hash", 13, 13.5),
                activity("pool 2", "compress", 13, 14, size=7, pieces=3),
            ],
            samples=[Sample(13 * SECOND, 4096)],
        ),
    },
)


def events(run: Run, **wanted: object) -> list[dict[str, object]]:
    every = json.loads(encode_json(trace(run)))["traceEvents"]
    return [event for event in every if wanted.items() <= event.items()]


def test_a_complete_event_says_what_took_how_long_and_of_how_many_bytes():
    assert events(RUN, name="compress") == [
        {
            "ph": "X",
            "name": "compress",
            "cat": "pool",
            "pid": 3,
            "tid": 2,
            "ts": 3_000_000,
            "dur": 1_000_000,
            "args": {"bytes": 7, "pieces": 3},
        }
    ]


def test_a_job_says_what_its_own_thread_was_at_work():
    assert [event["tdur"] for event in events(RUN, name="build:b", cat="job")] == [100]


def test_tasks_that_overlap_are_in_lanes_of_their_own_with_their_waiting():
    told = [(event["name"], event["tid"], event["ts"], event["dur"]) for event in events(RUN, pid=1, ph="X")]

    assert told == [
        ("catalog:a", 1, 1_000_000, 1_000_000),
        ("build:b", 2, 1_500_000, 2_500_000),
        ("waits for a worker", 2, 1_500_000, 1_500_000),
        ("index", 1, 4_000_000, 250_000),
    ]


def test_processes_and_threads_have_names_in_the_order_of_their_numbers():
    names = [event["args"]["name"] for event in events(RUN, ph="M")]

    assert names == ["tasks", "doit", "doit", "worker 1", "jobs", "pool 2", "pool 10"]


def test_memory_is_a_counter():
    assert events(RUN, ph="C") == [
        {"ph": "C", "name": "memory", "pid": 3, "ts": 3_000_000, "args": {"private bytes": 4096}}
    ]


@given(some.lists(TIMES))
def test_spans_of_a_lane_do_not_overlap(times):
    lanes: dict[int, list[Activity]] = {}
    for lane, one in in_lanes(Activity("", str(number), *time, 0) for number, time in enumerate(times)):
        lanes.setdefault(lane, []).append(one)

    assert sum(map(len, lanes.values())) == len(times)
    assert all(first.end <= then.begin for activities in lanes.values() for first, then in pairwise(activities))
    assert set(lanes) == set(range(1, len(lanes) + 1))
