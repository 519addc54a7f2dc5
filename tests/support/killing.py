"""Builds that are killed, and finished by the next run."""

from __future__ import annotations

import time

from tests.support.doit_process import Doit, tree_of


def kill_and_finish(doit: Doit, expected: dict[str, bytes], *, after: float, told: object) -> None:
    """Kill a build after so many seconds; the next one makes what is expected and leaves nothing half written."""
    process = doit.start("index")
    time.sleep(after)
    process.kill()
    process.communicate()

    finished = doit("index")

    assert (finished.code, finished.err) == (0, ""), told
    assert tree_of(doit.dist) == expected, told
    assert not list(doit.build.rglob("*.part")), told
