"""How the last run went, from its trace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from tools.errors import UserError
from tools.trace.events import TASKS
from tools.trace.store import trace_file
from tools.values import read_json

MOST = 20_000  # activities that a page shows: the longest


class _Trace(msgspec.Struct):
    traceEvents: list[dict[str, Any]]  # as the format has it
    otherData: dict[str, Any]


def read_gantt(build: Path) -> dict[str, object] | None:
    """Return lanes, and activities as [lane, begin, duration, name, category] in milliseconds; None without a trace."""
    try:
        found = read_json(trace_file(build), _Trace)
    except UserError:  # no run yet, or what is there is no trace: the rest of the page stands without it
        return None
    lanes = _lanes(found.traceEvents)
    activities = [event for event in found.traceEvents if event.get("ph") == "X"]
    activities = sorted(activities, key=lambda event: -event["dur"])[:MOST]
    activities.sort(key=lambda event: (event["ts"], -event["dur"]))
    rows = [
        [lanes[_thread(one)][0], one["ts"] / 1000, one["dur"] / 1000, one["name"], one["cat"]] for one in activities
    ]
    return {
        "lanes": [name for _, name in lanes.values()],
        "activities": rows,
        "command": " ".join(found.otherData["command"]),
        "cpu": found.otherData["cpu_seconds"],
    }


def longest(gantt: dict[str, Any], count: int) -> list[tuple[str, float, float]]:
    """Return the tasks that took longest: name, begin and duration in seconds."""
    tasks = [activity for activity in gantt["activities"] if activity[4] == "task"]
    return [
        (name, begin / 1000, took / 1000) for _, begin, took, name, _ in sorted(tasks, key=lambda one: -one[2])[:count]
    ]


def _thread(event: dict[str, Any]) -> tuple[int, int]:
    return event["pid"], event["tid"]


def _lanes(events: list[dict[str, Any]]) -> dict[tuple[int, int], tuple[int, str]]:
    """Return number and name of each thread, in the order of the trace."""
    processes = {event["pid"]: event["args"]["name"] for event in events if event["name"] == "process_name"}
    threads = {_thread(event): event["args"]["name"] for event in events if event["name"] == "thread_name"}
    used = sorted({_thread(event) for event in events if event.get("ph") == "X"})
    names = [
        f"task {thread}" if process == TASKS else f"{processes[process]}, {threads[process, thread]}"
        for process, thread in used
    ]
    return {thread: (number, name) for number, (thread, name) in enumerate(zip(used, names, strict=True))}
