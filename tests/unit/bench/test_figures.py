"""Medians, ratios and targets."""

from __future__ import annotations

import pytest

from tools.bench.figures import checks, figures_of
from tools.bench.measure import Usage
from tools.bench.scenarios import Result

GIB = 1 << 30


def result(wall: float = 1, cpu: float = 1, **changes: object) -> Result:
    usage = Usage(
        wall=wall,
        user=cpu,
        system=0,
        peak_private=int(changes.pop("peak_private", 0)),
        read=0,
        written=0,
        disk_read=0,
        disk_written=0,
        output="",
    )
    return Result(usage=usage, **changes)


def verdicts(**results: Result) -> dict[str, tuple[float, bool]]:
    found = checks({name.replace("_", "-"): figures_of([one]) for name, one in results.items()})
    return {check.what: (check.value, check.holds) for check in found}


def test_each_figure_is_a_median_and_memory_the_largest():
    runs = [result(1, 9, peak_private=5), result(2, 7, peak_private=9), result(30, 8, peak_private=7)]

    figures = figures_of(runs)

    assert (figures.wall, figures.cpu, figures.peak_private) == (2, 8, 9)


@pytest.mark.parametrize(("wall", "holds"), [(12.9, True), (13.1, False)])
def test_a_cold_build_against_the_floor(wall, holds):
    found = verdicts(cold=result(wall, 12), floor=result(10, 10))

    assert found["cold build / floor, wall"] == (pytest.approx(wall / 10), holds)
    assert found["cold build / floor, CPU"] == (1.2, True)


def test_a_cold_build_against_setuptools():
    found = verdicts(cold=result(10, size=1000), setuptools=result(49, size=1000))

    assert found["setuptools / cold build, wall"] == (4.9, False)
    assert found["cold build / setuptools, bytes"] == (1, True)


def test_an_idle_build_may_not_compress_anything():
    found = verdicts(no_op=result(cpu=0.6, payload=1))

    assert found["no-op, CPU"] == (0.6, True)
    assert found["no-op, payload compressed"] == (1, False)


def test_a_changed_library_may_be_compressed_and_nothing_else():
    good = verdicts(cold=result(10), library=result(1.4, payload=900, subject_size=900))
    bad = verdicts(cold=result(10), library=result(1.6, payload=901, subject_size=900))

    assert [good[what][1] for what in good if what.startswith("library")] == [True, True]
    assert [bad[what][1] for what in bad if what.startswith("library")] == [False, False]


def test_memory_of_what_it_is_compared_with_does_not_count():
    found = verdicts(cold=result(peak_private=GIB // 2, size=1), setuptools=result(peak_private=9 * GIB, size=1))

    assert found["peak private memory"] == (0.5, True)


def test_nothing_measured_nothing_checked():
    assert checks({}) == ()


def test_what_it_is_compared_with_has_no_targets():
    assert verdicts(floor=result(), setuptools=result(), zip=result()) == {}


@pytest.mark.parametrize(("wall", "new", "holds"), [(1.9, 49, True), (2.1, 51, False)])
def test_a_devel_tree_is_made_of_links_in_a_moment(wall, new, holds):
    found = verdicts(init=result(wall, size=new, subject_size=1000))

    assert found["rocm-sdk init, wall"] == (wall, holds)
    assert found["rocm-sdk init, new blocks / tree"] == (new / 1000, holds)
