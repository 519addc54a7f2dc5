"""What has to be true of a trace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any


def assert_nested(trace: Mapping[str, Any]) -> None:
    """Of two activities of a thread, one lies in the other or they have nothing in common."""
    threads = defaultdict(list)
    for event in trace["traceEvents"]:
        if event["ph"] == "X":
            threads[event["pid"], event["tid"]].append((event["ts"], event["ts"] + event["dur"]))
    for activities in threads.values():
        open_ends: list[int] = []
        for begin, end in sorted(activities, key=lambda one: (one[0], -one[1])):
            while open_ends and open_ends[-1] <= begin:
                open_ends.pop()
            assert not open_ends or end <= open_ends[-1]
            open_ends.append(end)
