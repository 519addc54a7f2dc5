"""Jobs of several wheels that end in any order: the same bytes, nothing compressed twice, nobody waits for ever."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest

from tests.support.project import Project
from tests.support.together import build_all
from tools.plan.model import Member
from tools.wheel.sizes import Sizes
from tools.workers.pool import Pool


class Chosen(Pool):
    """A pool that does its jobs when the test says so, in the order that it chooses."""

    def __init__(self) -> None:
        super().__init__(0)
        self._held: list[tuple[Future[Any], Callable[[], Any]]] = []
        self._change = threading.Condition()

    def submit(
        self,
        job: Callable[[], Any],
        *,
        urgent: bool = False,
        mostly_python: bool = False,
        step: str = "work",
        size: int = 0,
    ) -> Future[Any]:
        future: Future[Any] = Future()
        with self._change:
            self._held.append((future, job))
            self._change.notify_all()
        return future

    def do(self, choose: Callable[[int], int], is_over: Callable[[], bool]) -> None:
        """Do one job after the other; ``choose`` gets the number of those that wait."""
        while not is_over():
            with self._change:
                self._change.wait_for(lambda: bool(self._held), 0.01)
                if not self._held:
                    continue
                future, job = self._held.pop(choose(len(self._held)))
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(job())
                except BaseException as error:
                    future.set_exception(error)


def contents(number: int) -> bytes:
    return b"".join(b"%d " % (value * (number + 1)) for value in range(900))


def wheel(project: Project, name: str, numbers: tuple[int, ...]) -> list[Member]:
    return [project.source(f"{number}", contents(number), path=f"_{name}/{number}") for number in numbers]


WHEELS = {"one": (0, 1, 2, 7), "two": (2, 1, 3, 7), "three": (3, 0, 4)}  # two share each content
TINY = Sizes(probe=500, whole=7_000, piece=3_000, batch=3_500, block=2_000)  # 7 is cut, the others are whole


def build(project: Project, choose: Callable[[int], int], memory: int) -> dict[str, bytes]:
    """Build all wheels at once with the pool's jobs done as chosen; return their bytes."""
    project.sizes = TINY
    project.forget(memory=memory)
    pool = Chosen()
    project.context = replace(project.context, pool=pool)
    requests = [
        project.request(project.plan(*wheel(project, name, numbers), name=name)) for name, numbers in WHEELS.items()
    ]
    assert build_all(project, requests, lambda is_over: pool.do(choose, is_over)) == {}
    return {request.plan.stem: next(request.directory.glob("*.whl")).read_bytes() for request in requests}


@pytest.fixture
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the wheels, each built alone."""
    found = {}
    for name, numbers in WHEELS.items():
        project = Project(tmp_path_factory.mktemp(name))
        project.sizes = TINY
        found[name] = project.build(*wheel(project, name, numbers), name=name).read_bytes()
    return found


@pytest.mark.parametrize("memory", [1, 20_000, 1 << 30])
@pytest.mark.parametrize("seed", range(7))
def test_any_order_of_jobs_gives_the_same_wheels_and_compresses_each_content_once(project, expected, seed, memory):
    order = random.Random(seed)
    choose = {0: lambda count: 0, 1: lambda count: count - 1}.get(seed, order.randrange)

    assert build(project, choose, memory) == expected
    distinct = {number for numbers in WHEELS.values() for number in numbers}
    assert project.counts().bytes_read == sum(len(contents(number)) for number in distinct)


@pytest.mark.parametrize("first", list(itertools.permutations(range(3))), ids=str)
def test_every_order_of_the_first_three_jobs_gives_the_same_wheels(project, expected, first):
    wanted = list(first)

    def choose(count: int) -> int:
        return min(wanted.pop(0), count - 1) if wanted else 0

    assert build(project, choose, 1 << 30) == expected


@pytest.mark.parametrize("seed", range(5))
def test_a_job_that_fails_ends_its_own_wheel_alone(project, expected, seed):
    order = random.Random(seed)
    project.sizes = TINY
    project.forget()
    pool = Chosen()
    project.context = replace(project.context, pool=pool)
    good = project.request(project.plan(*wheel(project, "one", WHEELS["one"]), name="one"))
    bad_members = [*wheel(project, "bad", (0, 1, 2, 7)), project.source("gone", b"gone" * 500, path="_bad/gone")]
    bad = project.request(project.plan(*bad_members, name="bad"))
    (project.root / "gone").unlink()

    failed = build_all(project, [bad, good], lambda is_over: pool.do(order.randrange, is_over))

    assert list(failed) == ["bad"]
    assert "gone" in str(failed["bad"])
    assert next(good.directory.glob("*.whl")).read_bytes() == expected["one"]
    assert list(bad.directory.glob("*")) == []
