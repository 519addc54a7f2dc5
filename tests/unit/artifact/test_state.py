from __future__ import annotations

import time

import pytest

from tools.artifact.state import NEVER, TICK, decode, encode, settle, trusted
from tools.artifact.walk import EMPTY_DIRECTORY, Row

SECOND = 1_000_000_000


def _row(ctime: int) -> Row:
    return ("a", 0o100644, 1, 5, ctime, 7, 8)


def test_settle_waits_until_the_newest_change_is_a_tick_old() -> None:
    newest = time.time_ns() - 1

    settled = settle([_row(5), _row(newest if newest % SECOND else newest - 1)])

    assert settled - newest >= TICK


def test_settle_does_not_wait_for_the_future_or_for_old_files() -> None:
    before = time.time_ns()

    settled = settle([_row(5), _row(before + 3600 * SECOND)])

    assert settled - before < TICK


def test_a_file_from_the_future_is_never_trusted() -> None:
    now = time.time_ns()

    assert trusted([_row(5), _row(now + 3600 * SECOND)], now) == [_row(5), _row(NEVER)]


def test_a_file_system_that_keeps_whole_seconds_is_given_two() -> None:
    now = 1_800_000_000 * SECOND

    assert trusted([_row(now - SECOND), _row(now - 2 * SECOND)], now) == [_row(NEVER), _row(now - 2 * SECOND)]


def test_a_state_gives_its_rows_back() -> None:
    rows = [_row(5), ('b,8],["', 0o100644, 1, 5, 5, 8, 9), ("c", EMPTY_DIRECTORY, 0, 0, 0, 0, 0), _row(6)]

    assert decode(encode(rows, 8), 8) == rows
    assert decode(encode([], 8), 8) == []


def test_the_device_of_the_directory_may_have_another_number() -> None:
    moved = [(*row[:6], 80) for row in (_row(5), _row(6))]

    assert encode([_row(5), _row(6)], 8) == encode(moved, 80)
    assert decode(encode([_row(5), _row(6)], 8), 80) == moved


@pytest.mark.parametrize("state", [b"", b"[1]", b"[[]]", b'[["a",1,1,1,1,1]]', b"\xff"])
def test_what_is_no_state_is_refused(state: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(state, 8)
