"""A run as Trace Events: what Perfetto, chrome://tracing and speedscope open.

The format is Google's "Trace Event Format": times in microseconds, "X" a complete event, "C" a counter, "M" a name.
``tdur`` is what the thread itself was at work.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator

from tools.trace.model import Lanes, Run
from tools.workers.activities import Activity

TASKS = 1  # process number of the tasks; those of real processes follow
_OF_NO_JOB = {"doit", "server", "tell"}  # threads: what keeps the run going, in doit's process and in the workers


def trace(run: Run) -> dict[str, object]:
    """Return the trace of a run; activities of a thread never overlap unless one holds the other."""
    return {
        "traceEvents": list(_events(run)),
        "displayTimeUnit": "ms",
        "otherData": {"command": list(run.command), "cpu_seconds": run.cpu},
    }


def _events(run: Run) -> Iterator[dict[str, object]]:
    yield _name("process_name", TASKS, 0, "tasks")
    yield from _tasks(run)
    for number, (name, lanes) in enumerate(run.processes.items(), TASKS + 1):
        yield _name("process_name", number, 0, name)
        yield from _process(number, lanes, run.began)


def _tasks(run: Run) -> Iterator[dict[str, object]]:
    """Yield the tasks, each in the first lane that is free, and in them the waiting of their jobs for a worker."""
    waits = defaultdict(list)
    for wait in run.waits:
        waits[wait.name].append(wait)
    for lane, task in in_lanes(run.tasks):
        yield _activity(task, TASKS, lane, run.began, "task")
        for wait in waits[task.name]:
            within = wait._replace(
                name="waits for a worker", begin=max(wait.begin, task.begin), end=min(wait.end, task.end)
            )
            if within.begin <= within.end:
                yield _activity(within, TASKS, lane, run.began, "wait")


def in_lanes(activities: Iterable[Activity]) -> Iterator[tuple[int, Activity]]:
    """Yield each activity with the number of its lane, from 1; activities of one lane do not overlap."""
    busy: list[tuple[int, int]] = []  # when a lane becomes free, and which
    free: list[int] = []
    for activity in sorted(activities, key=lambda activity: (activity.begin, activity.end, activity.name)):
        while busy and busy[0][0] <= activity.begin:
            heapq.heappush(free, heapq.heappop(busy)[1])
        lane = heapq.heappop(free) if free else len(busy) + 1
        heapq.heappush(busy, (activity.end, lane))
        yield lane, activity


def _process(number: int, lanes: Lanes, began: int) -> Iterator[dict[str, object]]:
    threads = sorted({activity.thread for activity in lanes.activities}, key=_by_number)
    for thread, name in enumerate(threads, 1):
        yield _name("thread_name", number, thread, name)
        for activity in sorted(
            (one for one in lanes.activities if one.thread == name), key=lambda one: (one.begin, -one.end)
        ):
            yield _activity(activity, number, thread, began, _category(name))
    for sample in lanes.samples:
        at = _microseconds(sample.at - began)
        yield {"ph": "C", "name": "memory", "pid": number, "ts": at, "args": {"private bytes": sample.private}}


def _category(thread: str) -> str:
    if thread.startswith("pool "):
        return "pool"
    return "doit" if thread in _OF_NO_JOB or thread.startswith("for worker ") else "job"


def _by_number(thread: str) -> tuple[str, int]:
    name = thread.rstrip("0123456789")
    return name, int(thread[len(name) :] or 0)


def _activity(activity: Activity, process: int, thread: int, began: int, category: str) -> dict[str, object]:
    begin, end = _microseconds(activity.begin - began), _microseconds(activity.end - began)
    event = {"ph": "X", "name": activity.name, "cat": category, "pid": process, "tid": thread, "ts": begin}
    amounts = {"bytes": activity.size} if activity.size else {}
    amounts |= {"pieces": activity.pieces} if activity.pieces > 1 else {}
    event |= {"dur": end - begin} | ({"tdur": _microseconds(activity.cpu)} if activity.cpu else {})
    return event | ({"args": amounts} if amounts else {})


def _name(kind: str, process: int, thread: int, name: str) -> dict[str, object]:
    return {"ph": "M", "name": kind, "pid": process, "tid": thread, "args": {"name": name}}


def _microseconds(nanoseconds: int) -> int:
    """Whole ones, by the same rule for beginning and end: what held another activity still does."""
    return nanoseconds // 1000
