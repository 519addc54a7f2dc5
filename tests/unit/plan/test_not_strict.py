"""``strict=no``: each problem that stops a strict build leaves out what it is about, and the rest is planned."""

from __future__ import annotations

import pytest

from tests.support.planner import Tree, file, library, link, program

LIB = {"lib/libamdhip64.so.7": library("libamdhip64.so.7")}
CORE = {"core-hip_lib_generic": LIB}
SOUND = {".info/version", "lib/libamdhip64.so.7"}


def more(name: str, entries: dict[str, object]) -> Tree:
    return {**CORE, name: entries}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("artifacts", "note", "more_files"),
    [
        pytest.param(
            more("core-hip_run_generic", {"bin/newtool": program()}),
            "bin/newtool: a program of core that is neither a console script nor listed in not_exposed; add it to "
            "[scripts] or not_exposed of packages/core.toml",
            {"bin/newtool"},
            id="a program nobody decided about",
        ),
        pytest.param(
            more("newlib_lib_generic", {"lib/a": file()}),
            "newlib_lib_generic: no package claims it and ignored.toml does not name it; add it to one of them",
            set(),
            id="an artifact nobody claims",
        ),
        pytest.param(
            {"core-hip_lib_generic": LIB | {"share/x": file("1")}, "core-hip_run_generic": {"share/x": file("2")}},
            "share/x: core-hip_lib_generic and core-hip_run_generic ship different files under this path; leave one "
            "out",
            set(),
            id="different files under a path",
        ),
        pytest.param(
            {"core-hip_lib_generic": LIB | {"share/x": file()}, "core-hip_run_generic": {"share/x/y": file()}},
            "share/x: a file in core-hip_lib_generic and a directory in core-hip_run_generic; leave one of them out",
            {"share/x/y"},
            id="a file and a directory",
        ),
        pytest.param(
            more("core-hip_run_generic", {"share/out": link("../../etc/passwd")}),
            "core-hip_run_generic: share/out: the link to '../../etc/passwd' leads out of the merged tree; links must "
            "be relative and stay inside",
            set(),
            id="a link that leads out",
        ),
        pytest.param(
            more("core-hip_run_generic", {".rocm-sdk/journal": file()}),
            "core-hip_run_generic: .rocm-sdk/journal: .rocm-sdk is where rocm-sdk keeps its state",
            set(),
            id="a reserved name",
        ),
    ],
)
def test_the_rest_is_planned_and_the_problem_is_a_note(planner, artifacts, note, more_files):
    plan = planner(artifacts, strict=False)

    assert set(plan.files("core")) == SOUND | more_files
    assert note in plan.plan().report.notes


def test_a_program_nobody_decided_about_is_shipped_without_a_console_script(planner):
    plan = planner(more("core-hip_run_generic", {"bin/newtool": program()}), strict=False)

    [wheel] = [wheel for wheel in plan.plan().wheels if wheel.package == "core"]

    assert not [member for member in wheel.members if member.path.endswith("entry_points.txt")]


def test_a_familys_file_that_differs_from_the_generic_one_is_left_out(planner):
    artifacts = {
        "core-hip_dev_generic": {"include/x.h": file("1")},
        "blas_dev_gfx94X-dcgpu": {"include/x.h": file("2"), "include/y.h": file()},
        "blas_lib_gfx94X-dcgpu": {"lib/librocblas.so.5": library("librocblas.so.5")},
    }
    plan = planner(CORE | artifacts, strict=False)

    assert set(plan.files("devel", "gfx94X-dcgpu")) == {"include/y.h"}


def test_a_familys_directory_that_is_a_generic_file_is_left_out(planner):
    artifacts = {
        "core-hip_dev_generic": {"include/x": file("1")},
        "blas_dev_gfx94X-dcgpu": {"include/x/y.h": file("2"), "include/y.h": file()},
        "blas_lib_gfx94X-dcgpu": {"lib/librocblas.so.5": library("librocblas.so.5")},
    }
    plan = planner(CORE | artifacts, strict=False)

    assert set(plan.files("devel", "gfx94X-dcgpu")) == {"include/y.h"}


def test_a_device_file_below_a_folded_directory_gets_no_link(planner):
    artifacts = {
        "blas_lib_generic": {"lib/librocblas.so.5": library("librocblas.so.5")},
        "blas_lib_gfx942": {".info/gfx942": file(), "lib/rocblas/gfx942.dat": file()},
    }
    plan = planner(CORE | artifacts, layout="kpack-split", strict=False)

    assert set(plan.links("gfx942")) == {"lib/rocblas/gfx942.dat"}
