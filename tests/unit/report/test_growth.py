"""What grew from one dist to another."""

from __future__ import annotations

import pytest

from tests.support.report_wheels import make_wheel
from tools.report.growth import Change, compare
from tools.report.write import budget_problem, growth_line

OLD = (
    make_wheel("core", ("lib/a.so", 1000), ("lib/b.so", 50), ("core-1.dist-info/RECORD", 10)),
    make_wheel("gone", ("x", 400)),
    make_wheel("device", ("lib/k_gfx942.co", 100), ("lib/k_gfx90a.co", 600)),
)
NEW = (
    make_wheel("core", ("lib/a.so", 21000), ("lib/b.so", 50), ("core-2.dist-info/RECORD", 10), version="2"),
    make_wheel("device", ("lib/k_gfx942.co", 300), ("lib/k_gfx90a.co", 500)),
)


def test_wheels_are_told_by_growth_with_those_that_are_gone():
    assert compare(OLD, NEW, against="old").wheels == [
        Change("core", 540, 10540, 1060, 21060),
        Change("device", 360, 410, 700, 800),
        Change("gone", 210, 0, 400, 0),
    ]


def test_device_code_is_told_by_target():
    assert compare(OLD, NEW, against="old").targets == [
        Change("gfx942", 50, 150, 100, 300),
        Change("gfx90a", 300, 250, 600, 500),
    ]


def test_files_are_told_by_growth_and_not_for_a_new_version():
    files = compare(OLD, NEW, against="old").files

    assert [(change.wheel, change.path, change.grown) for change in files] == [
        ("core", "lib/a.so", 10000),
        ("device", "lib/k_gfx942.co", 100),
        ("device", "lib/k_gfx90a.co", -50),
        ("gone", "x", -200),
    ]


def test_a_wheel_for_each_platform_counts():
    old, new = (
        [make_wheel("a", ("x", 10), platform="linux_x86_64"), make_wheel("a", ("x", size), platform="win_amd64")]
        for size in (10, 5010)
    )
    growth = compare(old, new, against="old", budget=1000)

    assert growth.is_over
    assert [change.name for change in growth.wheels] == ["a (win_amd64)", "a (linux_x86_64)"]
    assert [(change.wheel, change.path) for change in growth.files] == [("a (win_amd64)", "x")]


@pytest.mark.parametrize(
    ("budget", "problem"),
    [
        (None, ""),
        (9840, ""),
        (
            9000,
            "budget: the wheels grew by 9.84 kB against old, 840 bytes more than the 9.00 kB allowed; "
            "the page shows which did",
        ),
    ],
)
def test_a_budget_is_of_all_wheels_together(budget, problem):
    growth = compare(OLD, NEW, against="old", budget=budget)

    assert budget_problem(growth) == problem
    assert growth_line(growth) == "against old: +9.84 kB; most: core +10.0 kB"
