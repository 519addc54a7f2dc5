"""What distributions of ours ask of each other."""

from __future__ import annotations

import pytest
from packaging.requirements import Requirement

from tests.support.read_wheels import sdist, told, wheel
from tools.verify.identity import Wheel
from tools.verify.requirements import Requirements
from tools.verify.sdist import Sdist

OURS = {"rocm", "rocm-sdk-core", "rocm-sdk-libraries"}


def asking(*requirements: str) -> Wheel:
    one = wheel("libraries")
    return one._replace(identity=one.identity._replace(requires=tuple(map(Requirement, requirements))))


def problems(wheels: list[Wheel], sdists: list[Sdist] | None = None) -> list[str]:
    return told(Requirements(wheels, sdists or [], OURS).check())


def test_an_exact_pin_that_the_dist_meets_is_fine():
    assert problems([asking("rocm-sdk-core==1.0"), wheel("core")]) == []


@pytest.mark.parametrize("loose", ["rocm-sdk-core>=1.0", "rocm-sdk-core", "rocm-sdk-core==1.*", "rocm-sdk-core==2.0"])
def test_a_pin_of_ours_must_be_exact(loose):
    assert problems([asking(loose), wheel("core")]) == [f"error: requirements: must be pinned to 1.0 exactly: {loose}"]


def test_a_requirement_of_others_may_be_loose_and_must_be_there():
    assert problems([asking("numpy>=1")]) == [
        "error: requirements: is not met: the dist has no such distribution: numpy>=1"
    ]


def test_a_version_that_is_not_there():
    other = wheel("numpy", ours=False, version="0.9")

    assert problems([asking("numpy>=1"), other]) == ["error: requirements: is not met: the dist has 0.9: numpy>=1"]


def test_a_wheel_that_no_extra_installs():
    assert problems([wheel("core"), wheel("libraries")], [sdist()]) == [
        "warning: requirements: no extra of rocm installs it"
    ]


def test_an_extra_in_another_form_than_the_normal_one():
    assert problems([wheel("core"), wheel("libraries")], [sdist(Lib_X=("rocm-sdk-libraries==1.0",))]) == [
        "error: requirements: is no extra's name in normal form (PEP 685): Lib_X"
    ]
