"""Wheels of others that are looked at together: one a project, all for one Python, the newest of each."""

from __future__ import annotations

import pytest
from packaging.requirements import Requirement

from tests.support.read_wheels import wheel
from tools.verify.companions import companies
from tools.verify.identity import Wheel

CP311, CP312 = "cp311-cp311", "cp312-cp312"


def theirs(project: str, python: str = "py3-none", version: str = "1.0", platform: str = "linux_x86_64") -> Wheel:
    return wheel(project, ours=False, python=python, version=version, platform=platform)


def asking(made: Wheel, *requirements: str) -> Wheel:
    return made._replace(identity=made.identity._replace(requires=tuple(map(Requirement, requirements))))


def beside(looked_at: Wheel, *others: Wheel) -> list[Wheel]:
    """Return the wheels that one is looked at beside, itself left out."""
    [company] = [one for one in companies([*others, looked_at]) if looked_at in one.looked_at]
    return [one for one in company.wheels if one is not looked_at]


def test_one_wheel_a_project_is_one_company():
    torch, vision = theirs("torch"), theirs("vision")

    assert companies([torch, vision]) == [((torch, vision), (torch, vision))]


def test_each_wheel_is_looked_at_once():
    wheels = [theirs(project, python) for project in ("torch", "vision") for python in (CP311, CP312)]

    looked_at = [one.name for company in companies(wheels) for one in company.looked_at]

    assert sorted(looked_at) == sorted(one.name for one in wheels)


@pytest.mark.parametrize(("python", "other"), [(CP311, CP312), (CP312, CP311)])
def test_of_several_pythons_the_same_one_is_beside(python, other):
    found = beside(theirs("torch", python), theirs("vision", CP311), theirs("vision", CP312), theirs("torch", other))

    assert found == [theirs("vision", python)]


@pytest.mark.parametrize(
    ("python", "other", "together"),
    [
        (CP311, "py3-none", True),
        (CP311, "cp39-abi3", True),
        (CP311, "cp312-abi3", False),
        (CP311, "py2.py3-none", True),
        (CP311, CP312, False),
        ("cp313-cp313t", "cp313-cp313", False),
        ("pp310-pypy310_pp73", "pp310-pypy310_pp73", True),
        ("pp310-pypy310_pp73", CP311, False),
    ],
)
def test_what_no_python_takes_both_of_is_not_together(python, other, together):
    assert bool(beside(theirs("torch", python), theirs("vision", other))) is together


@pytest.mark.parametrize(
    ("platform", "other", "together"),
    [
        ("linux_x86_64", "manylinux_2_28_x86_64", True),
        ("manylinux2014_x86_64", "any", True),
        ("manylinux2014_x86_64", "manylinux2014_aarch64", False),
        ("linux_x86_64", "win_amd64", False),
        ("linux_x86_64", "macosx_11_0_x86_64", False),
    ],
)
def test_what_no_machine_takes_both_of_is_not_together(platform, other, together):
    assert bool(beside(theirs("torch", platform=platform), theirs("vision", platform=other))) is together


def test_the_newest_version_is_beside():
    versions = [theirs("vision", version=version) for version in ("1.9", "1.10", "1.2")]

    assert beside(theirs("torch"), *versions) == [theirs("vision", version="1.10")]


def test_a_version_that_is_asked_for_goes_before_a_newer_one():
    versions = [theirs("vision", version=version) for version in ("1.9", "1.10")]

    assert beside(asking(theirs("torch"), "vision<1.10"), *versions) == [theirs("vision", version="1.9")]


def test_all_that_are_beside_one_share_a_python():
    found = beside(theirs("torch"), theirs("vision", CP311), theirs("audio", CP311), theirs("audio", CP312))

    assert found == [theirs("audio", CP311), theirs("vision", CP311)]
