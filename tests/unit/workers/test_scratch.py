"""Memory that a thread reads members into."""

from __future__ import annotations

import threading

import pytest

from tools.workers.scratch import Scratch


@pytest.fixture
def scratch() -> Scratch:
    """Return memory of which each thread keeps little."""
    return Scratch(10_000)


@pytest.mark.parametrize("size", [0, 1, 9_999, 10_000, 10_001, 1_000_000])
def test_there_is_as_much_as_was_asked_for(scratch: Scratch, size: int) -> None:
    assert len(scratch.room(size)) == size


def test_a_thread_gets_the_same_memory_again(scratch: Scratch) -> None:
    scratch.room(5)[:] = b"first"

    assert bytes(scratch.room(4)) == b"firs"


def test_a_large_size_gets_memory_of_its_own(scratch: Scratch) -> None:
    scratch.room(5)[:] = b"first"
    scratch.room(20_000)[:5] = b"other"

    assert bytes(scratch.room(5)) == b"first"


def test_threads_do_not_share(scratch: Scratch) -> None:
    scratch.room(5)[:] = b"first"
    seen: list[bytes] = []

    thread = threading.Thread(target=lambda: seen.append(bytes(scratch.room(5))))
    thread.start()
    thread.join()

    assert seen == [bytes(5)]
