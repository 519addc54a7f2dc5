"""Wheels that are built at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from tests.support.project import Project
from tools.wheel.build import WheelRequest, build_wheel

Meanwhile = Callable[[Callable[[], bool]], None]  # called with a function that says whether all have ended


def build_all(
    project: Project, requests: Sequence[WheelRequest], meanwhile: Meanwhile | None = None
) -> dict[str, BaseException]:
    """Build all at once, each in a thread; return what failed, by the name of the wheel."""
    failed: dict[str, BaseException] = {}
    gate = threading.Barrier(len(requests))

    def work(request: WheelRequest) -> None:
        gate.wait()
        try:
            build_wheel(request, project.context)
        except BaseException as error:
            failed[request.plan.stem] = error

    threads = [threading.Thread(target=work, args=(request,), daemon=True) for request in requests]
    for thread in threads:
        thread.start()
    if meanwhile:
        meanwhile(lambda: not any(thread.is_alive() for thread in threads))
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "a deadlock"
    return failed
