"""Cores and memory that processes share."""

from __future__ import annotations

import os
import threading

from tools.workers.shared import SharedBudget, Tokens


def in_child(work) -> int:
    """Return the exit code of a forked process that does ``work``."""
    pid = os.fork()
    if pid == 0:
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_a_token_that_a_process_holds_is_missing_in_another():
    tokens, free = Tokens(2), threading.Event()

    def wait() -> None:
        with tokens:
            free.set()

    with tokens:
        with tokens:
            waiting = threading.Thread(target=wait, daemon=True)
            waiting.start()
            assert not free.wait(0.05)
        assert free.wait(10)
    waiting.join(10)


def test_memory_taken_in_one_process_is_missing_in_another():
    budget = SharedBudget(100)

    assert in_child(lambda: budget.take(70)) == 0

    assert not budget.try_take(40)
    assert budget.try_take(30)
    budget.give(100)
    assert budget.try_take(100)


def test_one_that_needs_more_than_there_is_gets_it_alone():
    budget = SharedBudget(100)

    assert budget.try_take(1000)
    assert not budget.try_take(1)
    budget.give(1000)
    assert budget.try_take(100)


def test_waiting_for_memory_ends_when_it_is_given_back():
    budget = SharedBudget(100)
    budget.overdraw(150)
    waiting = threading.Thread(target=budget.take, args=(60,), daemon=True)
    waiting.start()

    budget.give(120)
    waiting.join(10)

    assert not waiting.is_alive()
    assert not budget.try_take(11)
