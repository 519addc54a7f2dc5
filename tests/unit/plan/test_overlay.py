"""Many base dirs as one tree: what decides between files of one path, whatever their order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import msgspec
import pytest

from tests.support.planner import Make, file, link
from tools.plan.overlay import MergedTree, overlay
from tools.plan.selection import ClaimedEntry
from tools.plan.spec import Preference

PATH = "lib/pkgconfig/zlib.pc"
PREFER_SYSDEPS = Preference(path="lib/pkgconfig/*.pc", artifact="sysdeps", reason="what the others were built with")


def source(artifact: str, make: Make, *, package: str = "", devel: bool = True, base: int = 0) -> ClaimedEntry:
    entry = msgspec.structs.replace(make(PATH), base=base)
    return ClaimedEntry(artifact, f"{base}/stage", entry, package, devel)


def every_order(sources: Sequence[ClaimedEntry], *preferences: Preference) -> MergedTree:
    """Return the tree of the sources, which must be the same for each of their orders."""
    trees = [overlay(order, preferences) for order in permutations(sources)]
    assert all(
        (tree.paths, sorted(tree.left_out, key=repr), tree.problems)
        == (trees[0].paths, sorted(trees[0].left_out, key=repr), trees[0].problems)
        for tree in trees
    )
    return trees[0]


@pytest.mark.parametrize("winner", ["amd-llvm", "base", "sysdeps"])
def test_a_preference_settles_three_different_files(winner):
    names = ("amd-llvm_dev_generic", "base_dev_generic", "sysdeps_dev_generic")
    preference = Preference(path=PATH, artifact=winner, reason="newer")

    tree = every_order([source(name, file(name)) for name in names], preference)

    assert tree.problems == []
    assert tree.paths[PATH].artifact == f"{winner}_dev_generic"
    assert [(row.artifact, row.reason) for row in tree.left_out] == [
        (name, f"overlaps.toml prefers the one of {winner}_dev_generic")
        for name in names
        if not name.startswith(winner)
    ]


def test_three_different_files_without_a_preference_are_one_problem():
    tree = every_order([source(f"{name}_dev_generic", file(name)) for name in ("base", "blas", "fft")])

    assert [str(problem) for problem in tree.problems] == [
        f"{PATH}: base_dev_generic, blas_dev_generic and fft_dev_generic ship different files under this path; leave "
        "one out, or say in overlaps.toml which one wins"
    ]


def test_files_of_one_artifacts_variants_cannot_be_told_apart_in_overlaps():
    tree = every_order([source("blas_lib_gfx950", file("a")), source("blas_lib_gfx950:xnack+", file("b"))])

    assert [str(problem) for problem in tree.problems] == [
        f"{PATH}: blas_lib_gfx950 and blas_lib_gfx950:xnack+ ship different files under this path; leave one out"
    ]


def test_a_path_that_nothing_decides_is_in_no_wheel():
    tree = every_order([source("base_dev_generic", file("a")), source("blas_dev_generic", file("b"))])

    assert tree.paths == {}
    assert {row.artifact for row in tree.left_out} == {"base_dev_generic", "blas_dev_generic"}


def test_a_preference_for_an_artifact_that_does_not_have_the_path_settles_nothing():
    tree = every_order([source("base_dev_generic", file("a")), source("blas_dev_generic", file("b"))], PREFER_SYSDEPS)

    assert len(tree.problems) == 1


def test_a_preferred_artifact_that_ships_the_path_twice_is_a_problem():
    tree = every_order(
        [
            source("base_dev_generic", file("a")),
            source("sysdeps_dev_generic", file("b"), base=1),
            source("sysdeps_dev_generic", file("c"), base=2),
        ],
        PREFER_SYSDEPS,
    )

    assert [str(problem) for problem in tree.problems] == [
        f"{PATH}: sysdeps_dev_generic ships different files under this path, in 1/stage and 2/stage; leave one out"
    ]


def test_equal_files_with_and_without_an_exec_bit_are_a_program():
    tree = every_order(
        [
            source("base_run_generic", file("#!/bin/sh", mode=0o644, script=True)),
            source("hip_run_generic", file("#!/bin/sh", mode=0o755, script=True)),
        ]
    )

    assert tree.paths[PATH].entry.mode == 0o755


def test_a_file_that_lost_to_another_gives_it_no_exec_bit():
    sources = [source("base_run_generic", file("a", mode=0o755)), source("sysdeps_run_generic", file("b", mode=0o644))]

    tree = every_order(sources, PREFER_SYSDEPS)

    assert tree.paths[PATH].entry.mode == 0o644


def test_of_equal_files_the_one_that_a_runtime_package_ships_is_kept():
    tree = every_order([source("base_dev_generic", file("a")), source("blas_lib_generic", file("a"), package="core")])

    assert (tree.paths[PATH].artifact, tree.paths[PATH].package) == ("blas_lib_generic", "core")
    assert [(row.artifact, row.reason) for row in tree.left_out] == [
        ("base_dev_generic", "the same file as in blas_lib_generic")
    ]


def test_a_path_that_devel_takes_from_one_of_equal_files_is_in_the_devel_tree():
    tree = every_order(
        [
            source("rocprofiler_lib_generic", file("a"), package="profiler", devel=False),
            source("base_dev_generic", file("a"), devel=True),
        ]
    )

    assert (tree.paths[PATH].package, tree.paths[PATH].devel) == ("profiler", True)


def test_a_link_and_a_file_are_different():
    tree = every_order([source("base_dev_generic", file("a")), source("blas_dev_generic", link("b"))])

    assert len(tree.problems) == 1
