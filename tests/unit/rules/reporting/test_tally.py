"""How far a run is, as the live view says it."""

from __future__ import annotations

from pathlib import Path

import pytest
from doit.task import Task

from rules.engines.engine import Inline
from rules.reporting.tally import Tally
from tools.plan.outline import Outline
from tools.values import write_json
from tools.workers.progress import Counts, Progress


@pytest.fixture
def progress() -> Progress:
    return Progress()


class Counting(Inline):
    """An engine whose progress a test makes."""

    def __init__(self, progress: Progress, where: str = "") -> None:
        super().__init__(1)
        self._progress, self._where = progress, where

    def progress(self) -> Counts:
        return self._progress.counts()

    def where(self) -> str:
        return self._where


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def outline_file(directory: Path, name: str, *sizes: int) -> Path:
    write_json(directory / f"{name}.outline", Outline(members=len(sizes), bytes=sum(sizes), sample=()))
    return directory / f"{name}.outline"


def tally_of(progress: Progress, **outlines: Path) -> Tally:
    tasks = {
        name: Task(name, [len], meta={"outline": outline}, task_dep=["catalog"]) for name, outline in outlines.items()
    }
    tasks["catalog"] = Task("catalog", [len])
    tasks["build"] = Task("build", None, task_dep=list(outlines))
    tally = Tally(Counting(progress))
    tally.expect(tasks, ["build"])
    return tally


def test_before_anything_runs(progress, tmp_path):
    assert list(tally_of(progress, a=tmp_path / "a", b=tmp_path / "b").lines()) == ["wheels 0/2"]


def test_a_run_without_wheels_names_what_runs(progress):
    tally = tally_of(progress)
    tally.begin("catalog")

    assert list(tally.lines()) == ["", "  catalog"]


def test_finished_and_skipped_wheels_count(progress, tmp_path):
    tally = tally_of(progress, a=tmp_path / "a", b=tmp_path / "b", c=tmp_path / "c")
    tally.begin("a")
    tally.end("a")
    tally.skip("b")

    assert list(tally.lines()) == ["wheels 2/3"]


def test_bytes_rate_and_time_left(progress, tmp_path, clock):
    tally = tally_of(
        progress,
        a=outline_file(tmp_path, "a", 3_000_000, 1_000_000),
        b=outline_file(tmp_path, "b", 4_000_000),
        c=outline_file(tmp_path, "c", 9_000_000),
    )
    tally.skip("c")
    tally.begin("a")
    progress.add(bytes_compressed=1_000_000)
    list(tally.lines())
    clock[0] += 4
    progress.add(bytes_compressed=500_000, bytes_reused=500_000)

    assert list(tally.lines()) == [
        "wheels 1/3   1.50 MB compressed   500 kB reused   250 kB/s   24 s left",
        "  a",
    ]


def test_the_rate_is_that_of_the_last_seconds(progress, tmp_path, clock):
    tally = tally_of(progress, a=outline_file(tmp_path, "a", 900_000_000))
    tally.begin("a")
    for amount in (1_000, *[0] * 100, *[1_000_000] * 60):
        clock[0] += 0.25
        progress.add(bytes_compressed=amount)
        status = next(tally.lines())

    assert status.split("   ")[3] == "4.00 MB/s"


def test_no_rate_before_it_means_something(progress, tmp_path, clock):
    tally = tally_of(progress, a=outline_file(tmp_path, "a", 3_000_000))
    tally.begin("a")
    progress.add(bytes_compressed=1)
    list(tally.lines())
    clock[0] += 1
    progress.add(bytes_compressed=1_500_000)

    assert list(tally.lines()) == ["wheels 0/1   1.50 MB compressed   0 bytes reused", "  a"]


def status_of(progress: Progress, tally: Tally, clock: list[float], *steps: tuple[float, int]) -> str:
    """Return the status once bytes were compressed, each time after so many seconds, drawn all the while."""
    status = ""
    for seconds, amount in steps:
        for _ in range(round(seconds * 4)):
            clock[0] += 0.25
            status = next(tally.lines())
        progress.add(bytes_compressed=amount)
        status = next(tally.lines())
    return status


def test_large_members_that_are_slow_keep_the_rate(progress, tmp_path, clock):
    tally = tally_of(progress, a=outline_file(tmp_path, "a", 2_000_000_000))
    tally.begin("a")

    status = status_of(progress, tally, clock, (1, 10_000_000), *[(25, 100_000_000)] * 9, (20, 0))

    assert status == "wheels 0/1   910 MB compressed   0 bytes reused   3.67 MB/s   4 min 57 s left"


def test_no_rate_while_what_is_under_way_would_more_than_double_it(progress, tmp_path, clock):
    tally = tally_of(progress, a=outline_file(tmp_path, "a", 2_000_000_000))
    tally.begin("a")

    with progress.compressing(100_000_000):
        small = status_of(progress, tally, clock, (1, 1_000_000), *[(1, 1_000_000)] * 9)
        clock[0] += 8

    assert small == "wheels 0/1   10.0 MB compressed   0 bytes reused"
    assert next(tally.lines()) == "wheels 0/1   110 MB compressed   0 bytes reused   6.41 MB/s   4 min 55 s left"


def test_no_rate_when_nothing_was_counted_for_as_long_as_it_is_taken_over(progress, tmp_path, clock):
    tally = tally_of(progress, a=outline_file(tmp_path, "a", 2_000_000_000))
    tally.begin("a")
    counted = status_of(progress, tally, clock, *[(1, 1_000_000)] * 9)
    clock[0] += 8.5

    assert counted == "wheels 0/1   9.00 MB compressed   0 bytes reused   1.00 MB/s   33 min 11 s left"
    assert next(tally.lines()) == "wheels 0/1   9.00 MB compressed   0 bytes reused"


def test_a_plan_that_is_not_there_yet_gives_no_time_left(progress, tmp_path, clock):
    tally = tally_of(progress, a=tmp_path / "none.json")
    tally.begin("a")
    progress.add(bytes_compressed=1)
    list(tally.lines())
    clock[0] += 2
    progress.add(bytes_compressed=999_999)

    assert list(tally.lines()) == ["wheels 0/1   1.00 MB compressed   0 bytes reused   500 kB/s", "  a"]


def test_how_long_the_run_takes_is_counted_from_its_first_task(progress, clock):
    tally = Tally(Counting(progress))
    clock[0] += 5
    tally.begin("a")
    clock[0] += 2
    tally.begin("b")
    clock[0] += 1

    assert tally.elapsed() == 3


def test_how_long_a_task_took(progress, clock):
    tally = Tally(Counting(progress))
    tally.begin("a")
    clock[0] += 7

    assert tally.end("a") == 7
    assert tally.end("never begun") == 0


def test_work_is_what_this_run_did(progress):
    progress.add(members_compressed=5, members_reused=7, bytes_read=1000)
    tally = Tally(Counting(progress))
    progress.add(members_compressed=2, members_reused=40, bytes_read=4096)

    assert tally.work() == "2 members compressed, 4096 bytes read for them; 40 members reused"


def test_where_the_work_was_done_is_told(progress):
    tally = Tally(Counting(progress, "in 4 worker processes"))
    progress.add(members_compressed=1)

    assert tally.work() == "1 members compressed, 0 bytes read for them; 0 members reused; in 4 worker processes"


def test_a_run_without_wheels_did_no_work(progress):
    assert Tally(Counting(progress)).work() == ""


def test_what_is_fetched_and_waited_for_is_shown(progress, clock):
    tally = Tally(Counting(progress))
    progress.add(bytes_fetched=3_000_000)
    progress.wait_for("s3://bucket/x.tar.zst: HTTP 503; attempt 2 of 9 in 0.5 s")

    assert list(tally.lines()) == [
        "3.00 MB fetched",
        "  waiting s3://bucket/x.tar.zst: HTTP 503; attempt 2 of 9 in 0.5 s",
    ]
    assert tally.fetched() == "3,000,000 bytes fetched"

    progress.go_on()

    assert list(tally.lines()) == ["3.00 MB fetched"]
