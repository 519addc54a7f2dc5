"""What is fetched and waited for, as the live view and a log say it."""

from __future__ import annotations

import pytest

from rules.reporting.transfer import Transfer
from tools.workers.progress import Counts


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def fetched(count: int, *waiting: str) -> Counts:
    return Counts(bytes_fetched=count, waiting=waiting)


def test_nothing_is_said_where_nothing_is_fetched(clock):
    assert list(Transfer().parts(Counts())) == []
    assert list(Transfer().news(Counts())) == []


def test_bytes_and_rate_are_told(clock):
    transfer = Transfer()
    assert list(transfer.parts(fetched(1_000_000))) == ["1.00 MB fetched"]

    clock[0] += 2

    assert list(transfer.parts(fetched(9_000_000))) == ["9.00 MB fetched at 4.00 MB/s"]


def test_the_rate_is_of_late(clock):
    transfer = Transfer()
    list(transfer.parts(fetched(1)))
    clock[0] += 100
    list(transfer.parts(fetched(50_000_000)))

    clock[0] += 5

    assert list(transfer.parts(fetched(60_000_000))) == ["60.0 MB fetched at 2.00 MB/s"]


def test_a_log_that_asks_seldom_is_told_the_rate_since_it_last_asked(clock):
    transfer = Transfer()
    list(transfer.news(fetched(5_000_000)))

    clock[0] += 30

    assert list(transfer.news(fetched(35_000_000))) == ["35.0 MB fetched at 1.00 MB/s"]


def test_there_is_no_rate_when_nothing_comes(clock):
    transfer = Transfer()
    list(transfer.parts(fetched(5_000_000)))

    clock[0] += 60

    assert list(transfer.parts(fetched(5_000_000))) == ["5.00 MB fetched"]


def test_a_log_is_told_what_is_new(clock):
    transfer = Transfer()
    assert list(transfer.news(fetched(1_000_000, "s3://x: busy"))) == ["1.00 MB fetched", "waiting s3://x: busy"]

    assert list(transfer.news(fetched(1_000_000, "s3://x: busy"))) == []
    assert list(transfer.news(fetched(2_000_000))) == ["2.00 MB fetched"]
    assert list(transfer.news(fetched(2_000_000, "s3://x: busy"))) == ["waiting s3://x: busy"]
