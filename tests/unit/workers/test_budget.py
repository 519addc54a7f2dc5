"""Tests of tools.workers.budget."""

from __future__ import annotations

import threading

from tools.workers.budget import Budget


def test_memory_is_taken_and_given_back() -> None:
    budget = Budget(100)

    assert budget.try_take(60)
    assert not budget.try_take(60)
    budget.give(60)
    assert budget.try_take(60)


def test_one_that_needs_more_than_there_is_gets_it_alone() -> None:
    budget = Budget(100)

    assert budget.try_take(1000)
    assert not budget.try_take(1)
    budget.give(1000)
    assert budget.try_take(1)


def test_waiting_for_memory_ends_when_it_is_given_back() -> None:
    budget = Budget(100)
    budget.take(100)
    waiting = threading.Thread(target=budget.take, args=(50,), daemon=True)
    waiting.start()

    budget.give(100)
    waiting.join(10)

    assert not waiting.is_alive()
    assert not budget.try_take(51)
