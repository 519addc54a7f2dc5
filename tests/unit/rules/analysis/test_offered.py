from __future__ import annotations

import pytest

from rules.analysis.offered import offered_families
from tests.support.small_specs import small_specs
from tools.errors import UserError


def offered(*, built=(), linux=(), windows=(), layout="per-family", tag="linux_x86_64"):
    specs = small_specs(layout)
    return dict(offered_families(specs, built, platform_tag=tag, linux=linux, windows=windows))


def test_without_lists_nothing_is_said():
    assert offered(built=["gfx94X-dcgpu"]) == {}


def test_each_family_has_the_platforms_that_list_it():
    assert offered(linux=["gfx94X-dcgpu", "gfx120X-all"], windows=["gfx120X-all", "gfx1151"]) == {
        "gfx1151": ("win32",),
        "gfx120X-all": ("linux", "win32"),
        "gfx94X-dcgpu": ("linux",),
    }


@pytest.mark.parametrize(("tag", "platform"), [("linux_x86_64", "linux"), ("win_amd64", "win32")])
def test_what_is_built_here_is_offered_here(tag, platform):
    assert offered(built=["gfx110X-all"], linux=["gfx94X-dcgpu"], tag=tag)["gfx110X-all"] == (platform,)


def test_builds_of_both_platforms_offer_the_same():
    lists = {"linux": ["gfx94X-dcgpu", "gfx120X-all"], "windows": ["gfx120X-all"]}

    assert offered(built=["gfx94X-dcgpu"], **lists) == offered(built=["gfx120X-all"], tag="win_amd64", **lists)


def test_a_family_stands_for_its_targets_where_wheels_are_per_target():
    assert offered(linux=["gfx94X-dcgpu"], windows=["gfx120X-all", "gfx1151"], layout="kpack-split") == {
        "gfx1151": ("win32",),
        "gfx1200": ("win32",),
        "gfx1201": ("win32",),
        "gfx942": ("linux",),
    }


def test_an_unknown_family_is_refused():
    with pytest.raises(UserError) as error:
        offered(windows=["gfx120x-all"])

    assert str(error.value) == (
        "windows_amdgpu_families: 'gfx120x-all' is no family or GFX target; did you mean 'gfx120X-all'?"
    )
