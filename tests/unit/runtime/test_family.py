"""Which family is chosen: by name, by GPU, by default; never a guess."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests.support import small_rocm

Sources = Callable[[str], ModuleType]
SPLIT = {"layout": "kpack-split", "families": ["gfx1200", "gfx1201", "gfx942"]}


@pytest.fixture
def choose(sources: Sources) -> Callable[..., tuple[tuple[str, ...], str]]:
    def choose(variable: str = "", gpus: tuple[str, ...] = (), **changes: object) -> tuple[tuple[str, ...], str]:
        facts = sources("rocm_sdk._facts").parse_facts(small_rocm.build_facts(**changes))
        return tuple(sources("rocm_sdk._family").choose({"ROCM_SDK_TARGET_FAMILY": variable}, lambda: gpus, facts))

    return choose


Choose = Callable[..., tuple[tuple[str, ...], str]]


@pytest.mark.parametrize(
    ("named", "family"),
    [
        pytest.param("gfx94X-dcgpu", "gfx94X-dcgpu", id="as written"),
        pytest.param("GFX94x-DCGPU", "gfx94X-dcgpu", id="in any case"),
        pytest.param("gfx942", "gfx94X-dcgpu", id="a target of it"),
        pytest.param(" gfx1201 ", "gfx120X-all", id="spaces around"),
    ],
)
def test_the_variable_wins_over_gpu_and_default(choose: Choose, named: str, family: str) -> None:
    chosen = choose(named, ("gfx1200", "gfx942"), default_family="gfx94X-dcgpu")

    assert chosen == ((family,), f"ROCM_SDK_TARGET_FAMILY is {named.strip()}")


@pytest.mark.parametrize(
    ("named", "what"),
    [
        ("gfx90X", "is no family"),
        ("gfx1100", "is no family"),
        ("gfx", "is no family"),
        (",", "is no family"),
        ("gfx942,gfx1201", "is more than one family"),
    ],
)
def test_a_wrong_variable_lists_the_right_ones(choose: Choose, named: str, what: str) -> None:
    with pytest.raises(ValueError, match="ROCM_SDK_TARGET_FAMILY") as caught:
        choose(named)

    assert str(caught.value) == (
        f"ROCM_SDK_TARGET_FAMILY: {named!r} {what} of rocm 10.1.0; use one of gfx120X-all, gfx94X-dcgpu"
    )


def test_the_gpu_wins_over_the_default(choose: Choose) -> None:
    assert choose(gpus=("gfx1201",), default_family="gfx94X-dcgpu") == (("gfx120X-all",), "GPU found: gfx1201")


def test_gpus_of_one_family_agree(choose: Choose) -> None:
    assert choose(gpus=("gfx1201", "gfx1200"))[0] == ("gfx120X-all",)


def test_a_gpu_that_the_build_has_nothing_for_does_not_count(choose: Choose) -> None:
    assert choose(gpus=("gfx1100", "gfx942"))[0] == ("gfx94X-dcgpu",)


def test_gpus_of_two_families_choose_nothing(choose: Choose) -> None:
    assert choose(gpus=("gfx942", "gfx1200")) == (
        (),
        "ROCM_SDK_TARGET_FAMILY is not set, and no one family of this build is for gfx942, gfx1200",
    )


def test_gpus_of_two_families_choose_a_family_that_covers_both(choose: Choose) -> None:
    families = ["dgpu-all", "gfx110X-all", "gfx120X-all"]

    assert choose(gpus=("gfx1100", "gfx1200"), families=families)[0] == ("dgpu-all",)


def test_the_smallest_family_that_covers_the_gpu_is_taken(choose: Choose) -> None:
    assert choose(gpus=("gfx1200",), families=["dgpu-all", "gfx1200", "gfx120X-all"])[0] == ("gfx1200",)
    assert choose(gpus=("gfx1201",), families=["dgpu-all", "gfx1200", "gfx120X-all"])[0] == ("gfx120X-all",)


def test_the_default_comes_before_the_only_family(choose: Choose) -> None:
    assert choose(default_family="gfx94X-dcgpu") == (("gfx94X-dcgpu",), "the default of this build")


def test_the_only_family_needs_no_gpu(choose: Choose) -> None:
    assert choose(families=["gfx120X-all"]) == (("gfx120X-all",), "the only family of this build")


def test_several_families_and_nothing_else_choose_nothing(choose: Choose) -> None:
    assert choose() == ((), "ROCM_SDK_TARGET_FAMILY is not set, and no AMD GPU was found")


@pytest.mark.parametrize(
    ("named", "targets"),
    [
        pytest.param("gfx942", ("gfx942",), id="a target"),
        pytest.param("gfx120X-all", ("gfx1200", "gfx1201"), id="the targets of a family"),
        pytest.param("gfx942;gfx1201", ("gfx942", "gfx1201"), id="a list"),
    ],
)
def test_split_packages_stand_side_by_side(choose: Choose, named: str, targets: tuple[str, ...]) -> None:
    assert choose(named, **SPLIT)[0] == targets


def test_split_packages_serve_all_gpus(choose: Choose) -> None:
    assert choose(gpus=("gfx942", "gfx1201", "gfx1100"), **SPLIT)[0] == ("gfx942", "gfx1201")


def make_nodes(directory: Path, *versions: str) -> Path:
    for number, version in enumerate(versions):
        node = directory / str(number)
        node.mkdir(parents=True)
        (node / "properties").write_text(f"cpu_cores_count 0\nsimd_count 4\n{version}\n", "utf-8")
    return directory


def test_gpus_are_read_from_the_driver_each_kind_once(sources: Sources, tmp_path: Path) -> None:
    versions = [f"gfx_target_version {number}" for number in (0, 90402, 90402, 120001, 90010, 100300)]
    nodes = make_nodes(tmp_path / "nodes", *versions)

    assert sources("rocm_sdk._gpus").gpu_targets({}, nodes) == ("gfx942", "gfx1201", "gfx90a", "gfx1030")


def test_more_than_ten_nodes_keep_their_order(sources: Sources, tmp_path: Path) -> None:
    versions = ["gfx_target_version 0"] * 9 + ["gfx_target_version 120000", "gfx_target_version 90402"]

    assert sources("rocm_sdk._gpus").gpu_targets({}, make_nodes(tmp_path, *versions)) == ("gfx1200", "gfx942")


@pytest.mark.parametrize("line", ["", "gfx_target_version", "gfx_target_version x", "gfx_target_version 1 2"])
def test_a_node_that_cannot_be_read_is_no_gpu(sources: Sources, tmp_path: Path, line: str) -> None:
    assert sources("rocm_sdk._gpus").gpu_targets({}, make_nodes(tmp_path, line)) == ()


def test_without_a_driver_there_is_no_gpu(sources: Sources, tmp_path: Path) -> None:
    assert sources("rocm_sdk._gpus").gpu_targets({}, tmp_path / "none") == ()


def test_detection_can_be_forced_and_disabled(sources: Sources, tmp_path: Path) -> None:
    nodes = make_nodes(tmp_path, "gfx_target_version 90402")
    targets = sources("rocm_sdk._gpus").gpu_targets

    assert targets({"ROCM_BOOTSTRAP_FORCE_GFX_ARCH": "gfx1201, gfx1100,gfx1201"}, nodes) == ("gfx1201", "gfx1100")
    assert targets({"ROCM_BOOTSTRAP_DISABLE_DETECTION": "1"}, nodes) == ()
