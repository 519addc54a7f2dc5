"""Paths that two wheels would both own."""

from __future__ import annotations

from tools.plan.clashes import clashes
from tools.plan.model import Member, WheelPlan


def wheel(distribution: str, *paths: str) -> WheelPlan:
    return WheelPlan(
        package="device",
        family=distribution[-6:],
        distribution=distribution,
        version="1",
        filename=f"{distribution}.whl",
        dist_info="",
        members=tuple(Member(path=path, kind="text", mode=0o644) for path in paths),
    )


def test_a_path_in_two_wheels_is_named_with_both():
    found = clashes(
        [wheel("device-gfx942", "a/x", "a/y"), wheel("device-gfx950", "a/x"), wheel("device-gfx90a", "a/z")]
    )

    assert found == [
        "a/x: in device-gfx942 and device-gfx950; name the file after its target, or ship it in the neutral artifact"
    ]


def test_different_paths_are_fine():
    assert clashes([wheel("device-gfx942", "a/x"), wheel("device-gfx950", "a/y")]) == []
