"""Tests of tools.wheel.schedule.steps: what is started ahead, what is written when, and what an error leaves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from tools.wheel.schedule.steps import Memory, Piece, Steps, run_steps
from tools.workers.budget import Budget
from tools.workers.pool import Pool


@dataclass
class Recorded:
    """A step that notes what is done with it; it holds its memory until it is written or abandoned."""

    name: str
    done: list[str]
    cost: int = 10
    is_awaited: bool = False
    ready: bool = False
    fails: str = ""  # what of it
    memory: Memory | None = field(default=None, init=False)

    def start(self, memory: Memory) -> None:
        self.memory = memory
        self._note("start")

    def is_ready(self) -> bool:
        return self.ready

    def write(self) -> None:
        self._note("write")
        self._give_back()

    def abandon(self) -> None:
        self.done.append(f"abandon {self.name}")
        self._give_back()

    def _note(self, what: str) -> None:
        self.done.append(f"{what} {self.name}")
        if self.fails == what:
            raise ZeroDivisionError(self.name)

    def _give_back(self) -> None:
        if self.memory:
            self.memory.keep(0)


def ran(memory: int, *steps: Callable[[list[str]], Recorded]) -> list[str]:
    """Run steps with so much memory; return what was done, and look that all memory is there again."""
    done: list[str] = []
    budget = Budget(memory)
    made = [step(done) for step in steps]
    try:
        run_steps((step for step in made), budget)
    except ZeroDivisionError as error:
        done.append(f"error {error}")
    assert budget.try_take(memory)
    return done


def step(name: str, **fields: object) -> Callable[[list[str]], Recorded]:
    return lambda done: Recorded(name, done, **fields)  # type: ignore[arg-type]


def test_steps_are_started_as_far_ahead_as_there_is_memory_and_written_in_order() -> None:
    assert ran(100, step("a"), step("b"), step("c")) == [
        "start a",
        "start b",
        "start c",
        "write a",
        "write b",
        "write c",
    ]


def test_a_step_that_is_ready_is_written_before_the_next_one_starts() -> None:
    assert ran(100, step("a", ready=True), step("b")) == ["start a", "write a", "start b", "write b"]


def test_a_step_behind_one_that_is_not_ready_waits_for_it() -> None:
    assert ran(100, step("a"), step("b", ready=True)) == ["start a", "start b", "write a", "write b"]


def test_memory_for_a_step_comes_from_writing_those_before_it() -> None:
    done = ran(20, step("a"), step("b"), step("c", cost=20), step("d"))

    assert done == ["start a", "start b", "write a", "write b", "start c", "write c", "start d", "write d"]


def test_a_step_larger_than_the_budget_runs_alone() -> None:
    assert ran(20, step("a"), step("b", cost=1000), step("c")) == [
        "start a",
        "write a",
        "start b",
        "write b",
        "start c",
        "write c",
    ]


def test_what_others_wait_for_goes_on_without_memory() -> None:
    budget, done = Budget(10), list[str]()
    assert budget.try_take(10)  # another wheel has it all, and waits for this step

    run_steps((one for one in [Recorded("a", done, is_awaited=True)]), budget)

    assert done == ["start a", "write a"]
    budget.give(10)
    assert budget.try_take(10)


def test_what_nobody_waits_for_waits_until_there_is_memory() -> None:
    budget, done = Budget(10), list[str]()
    assert budget.try_take(10)

    thread = threading.Thread(target=run_steps, args=((one for one in [Recorded("a", done)]), budget), daemon=True)
    thread.start()
    thread.join(0.1)
    assert done == []
    budget.give(10)
    thread.join(10)

    assert done == ["start a", "write a"]


@pytest.mark.parametrize(
    ("fails", "done"),
    [
        (
            ("start", "", ""),
            ["start a", "abandon a", "error a"],
        ),
        (
            ("", "start", ""),
            ["start a", "start b", "abandon a", "abandon b", "error b"],
        ),
        (
            ("write", "", ""),
            ["start a", "start b", "start c", "write a", "abandon a", "abandon b", "abandon c", "error a"],
        ),
        (
            ("", "", "write"),
            ["start a", "start b", "start c", "write a", "write b", "write c", "abandon c", "error c"],
        ),
    ],
    ids=["start of the first", "start of the second", "writing of the first", "writing of the last"],
)
def test_an_error_abandons_all_that_was_started_and_not_written(fails: Sequence[str], done: list[str]) -> None:
    steps = [step(name, fails=what) for name, what in zip("abc", fails, strict=True)]

    assert ran(100, *steps) == done


def test_an_error_ends_the_generator_of_the_steps() -> None:
    ended: list[bool] = []

    def steps() -> Steps:
        try:
            yield Recorded("a", [], fails="start")
            yield Recorded("b", [])
        finally:
            ended.append(True)

    with pytest.raises(ZeroDivisionError):
        run_steps(steps(), Budget(100))

    assert ended == [True]


def test_an_error_of_the_generator_abandons_what_was_started() -> None:
    done: list[str] = []

    def steps() -> Steps:
        yield Recorded("a", done)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_steps(steps(), Budget(100))

    assert done == ["start a", "abandon a"]


def test_memory_is_given_back_bit_by_bit_and_never_twice() -> None:
    budget = Budget(100)
    assert budget.try_take(100)
    memory = Memory(100, budget)

    memory.keep(40)
    memory.keep(70)  # more than it has
    assert (budget.try_take(61), budget.try_take(60)) == (False, True)
    memory.keep(0)
    memory.keep(0)

    assert (budget.try_take(41), budget.try_take(40)) == (False, True)


def test_the_memory_of_a_piece_of_work_is_there_again_when_it_has_let_go() -> None:
    budget, pool = Budget(10), Pool(1)
    begun, go_on = threading.Event(), threading.Event()
    assert budget.try_take(10)

    def work() -> None:
        begun.set()
        go_on.wait(10)

    piece = Piece(pool, work, Memory(10, budget), size=1)
    begun.wait(10)
    piece.end()
    assert not budget.try_take(10)
    go_on.set()
    budget.take(10)  # returns, since the memory comes back

    assert piece.is_done()


def test_work_that_never_began_gives_its_memory_back_at_once() -> None:
    budget = Budget(10)
    assert budget.try_take(10)

    Piece(Pool(0), lambda: None, Memory(10, budget), size=1).end()

    assert budget.try_take(10)


def test_the_exception_of_a_piece_of_work_is_that_of_its_result() -> None:
    piece = Piece(Pool(1), lambda: 1 // 0, Memory(0, Budget(0)), size=1)

    with pytest.raises(ZeroDivisionError):
        piece.result()
