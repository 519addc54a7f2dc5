"""Memory that a thread reads members into."""

from __future__ import annotations

import threading

import pytest

from tools.workers import scratch
from tools.workers.scratch import room


@pytest.fixture(autouse=True)
def _little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "SCRATCH", 10_000)
    monkeypatch.setattr(scratch, "_OF_THREAD", scratch._Scratch())


@pytest.mark.parametrize("size", [0, 1, 9_999, 10_000, 10_001, 1_000_000])
def test_there_is_as_much_as_was_asked_for(size: int) -> None:
    assert len(room(size)) == size


def test_a_thread_gets_the_same_memory_again() -> None:
    room(5)[:] = b"first"

    assert bytes(room(4)) == b"firs"


def test_a_large_size_gets_memory_of_its_own() -> None:
    room(5)[:] = b"first"
    room(20_000)[:5] = b"other"

    assert bytes(room(5)) == b"first"


def test_threads_do_not_share() -> None:
    room(5)[:] = b"first"
    seen: list[bytes] = []

    thread = threading.Thread(target=lambda: seen.append(bytes(room(5))))
    thread.start()
    thread.join()

    assert seen == [bytes(5)]
