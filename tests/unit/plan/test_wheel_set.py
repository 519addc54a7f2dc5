"""Paths that two wheels would both own, and targets that lack what others have."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.contracts import plan_of, text
from tools.errors import UserError
from tools.plan.model import Member, WheelPlan
from tools.plan.wheel_set import SetRequest, check_set, clashes
from tools.values import read_json, write_json


def wheel(distribution: str, *paths: str) -> WheelPlan:
    members = [text(path, "") for path in paths]
    return plan_of(*members, package="device", family=distribution[-6:], distribution=distribution)


def test_a_path_in_two_wheels_is_named_with_both():
    found = clashes(
        [wheel("device-gfx942", "a/x", "a/y"), wheel("device-gfx950", "a/x"), wheel("device-gfx90a", "a/z")]
    )

    assert [str(problem) for problem in found] == [
        "a/x: in device-gfx942 and device-gfx950; name the file after its target, or ship it in the neutral artifact"
    ]


def test_different_paths_are_fine():
    assert clashes([wheel("device-gfx942", "a/x"), wheel("device-gfx950", "a/y")]) == []


def device(directory: Path, target: str, *artifacts: str) -> Path:
    """Write the plan of a device wheel with a file of each artifact."""
    members = [
        Member(path=f"p/{name}-{target}", kind="copy", mode=0o644, source=f"{name}_lib_{target}/stage/x")
        for name in artifacts
    ]
    members.append(Member(path="d.dist-info/L", kind="copy", mode=0o644, source=f"fft_lib_{target}/LICENSE"))
    plan = plan_of(
        *members[: len(artifacts) + (target == "gfx942")],
        package="device",
        family=target,
        distribution=f"device-{target}",
        dist_info="d.dist-info" if target == "gfx942" else "",
    )
    write_json(directory / f"{target}.json", plan)
    return directory / f"{target}.json"


def request(directory: Path, expected: dict[str, tuple[str, ...]], *, strict: bool = True) -> SetRequest:
    plans = (device(directory, "gfx942", "blas"), device(directory, "gfx950", "blas", "fft"))
    return SetRequest(plans=plans, expected=expected, strict=strict, report=directory / "set.json")


def test_an_expected_target_without_files_of_an_artifact_is_refused(tmp_path):
    with pytest.raises(UserError) as caught:
        check_set(request(tmp_path, {"gfx942": ()}))

    assert str(caught.value) == (
        "these wheels cannot be installed together:\n  gfx942 has no device files of fft, which gfx950 has: add the "
        "artifacts, or build what is there with strict=no"
    )


@pytest.mark.parametrize("expected", [{}, {"gfx950": ()}, {"gfx942": ("fft",)}])
def test_a_target_that_nobody_expects_or_that_is_without_the_artifact_is_fine(tmp_path, expected):
    check_set(request(tmp_path, expected))

    assert read_json(tmp_path / "set.json", dict) == {"missing": [], "paths": 4, "wheels": 2}


def test_what_is_missing_is_in_the_report_unless_strict(tmp_path):
    check_set(request(tmp_path, {"gfx942": ()}, strict=False))

    assert read_json(tmp_path / "set.json", dict)["missing"] == ["gfx942 has no device files of fft, which gfx950 has"]
