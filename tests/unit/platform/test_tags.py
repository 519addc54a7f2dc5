"""Platform tags: which can be built, and what is said of the others."""

from __future__ import annotations

import pickle

import pytest

from tools.errors import UserError
from tools.platform.tags import platform_of, platforms_of, problem_of


@pytest.mark.parametrize(
    "tag",
    ["linux_x86_64", "manylinux_2_28_x86_64", "manylinux1_x86_64", "manylinux2010_x86_64", "manylinux2014_x86_64"],
)
def test_tags_of_x86_64_are_linux_on_that_machine(tag):
    platform = platform_of(tag)

    assert (problem_of(tag), platform.tag, platform.machine) == ("", tag, 62)


@pytest.mark.parametrize("tag", ["linux_aarch64", "manylinux_2_17_aarch64"])
def test_a_machine_without_templates_is_refused(tag):
    with pytest.raises(UserError) as caught:
        platform_of(tag)

    assert str(caught.value) == (
        f"platform tag '{tag}' is for aarch64, and what stands in wheels for links (stubs and forwarders) is x86-64 "
        "code; use a tag of x86_64, such as linux_x86_64 or manylinux_2_28_x86_64"
    )


@pytest.mark.parametrize("tag", ["", "any", "windows", "linux_x86_64 ", "musllinux_1_2_x86_64", "linux-x86_64"])
def test_another_system_is_refused(tag):
    assert problem_of(tag) == (
        "must be a platform tag of Linux, such as linux_x86_64 or manylinux_2_28_x86_64, or win_amd64"
    )


def test_the_platforms_of_a_finished_wheel_are_those_that_can_be_built():
    assert platforms_of(["any", "linux_aarch64", "linux_x86_64"]) == (platform_of("linux_x86_64"),)


def test_a_platform_goes_to_another_process():
    platform = platform_of("linux_x86_64")

    assert pickle.loads(pickle.dumps(platform)) == platform
