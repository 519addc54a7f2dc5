"""The review's bug: what one family ships must never take a file away from another."""

from __future__ import annotations

import random

import msgspec
import pytest

from tests.support.planner import Planner, file, library, link, program
from tools.plan.family import FamilyPlan

MI300, RX9000 = "gfx94X-dcgpu", "gfx120X-all"


def blas(family: str) -> dict[str, object]:
    return {
        f"blas_lib_{family}": {
            "lib/librocblas.so.5": library("librocblas.so.5", f"code for {family}"),
            "lib/librocblas.so": link("librocblas.so.5"),
            "lib/rocblas/library/kernels.dat": file(f"kernels for {family}"),
        },
        f"blas_dev_{family}": {
            "include/rocblas/rocblas.h": file("header"),
            "lib/cmake/rocblas/rocblas-config.cmake": file("config"),
        },
    }


CORE = {
    "core-hip_lib_generic": {"lib/libamdhip64.so.7": library("libamdhip64.so.7")},
    "core-hip_dev_generic": {
        "lib/cmake/hip/hip-config.cmake": file(),
        "lib/libamdhip64.so": link("libamdhip64.so.7"),
    },
    "amd-llvm_run_generic": {"lib/llvm/bin/clang": program()},
    "hipdnn_lib_generic": {
        "lib/libhipdnn.so.1": link("libhipdnn.so.1.0"),
        "lib/libhipdnn.so.1.0": library("libhipdnn.so.1"),
    },
    "hipdnn_dev_generic": {"include/hipdnn/hipdnn.h": file()},
    "flatbuffers_dev_generic": {"include/flatbuffers/a.h": file(), "include/flatbuffers/b.h": file()},
}


@pytest.mark.parametrize("family", [MI300, RX9000])
def test_each_family_gets_its_own_file_of_an_equal_path(planner, family):
    plan = planner(CORE | blas(MI300) | blas(RX9000))

    member = plan.member("libraries", "lib/librocblas.so.5", family)

    assert member.source == f"blas_lib_{family}/stage/lib/librocblas.so.5"


def test_two_families_give_for_each_what_it_alone_gives(planner):
    both = planner(CORE | blas(MI300) | blas(RX9000)).plan(MI300)
    alone = planner(CORE | blas(MI300)).plan(MI300)

    assert both == alone


def test_generic_wheels_do_not_depend_on_the_families(planner):
    assert planner(CORE | blas(MI300) | blas(RX9000)).plan() == planner(CORE).plan()


def test_the_order_of_the_artifacts_does_not_matter(planner):
    artifacts = CORE | blas(MI300) | blas(RX9000)
    names = list(artifacts)
    random.Random(7).shuffle(names)

    shuffled = planner({name: artifacts[name] for name in names})

    assert msgspec.json.encode(shuffled.plan(MI300).wheels) == msgspec.json.encode(
        planner(artifacts).plan(MI300).wheels
    )


def test_generic_libraries_are_in_the_wheel_of_every_family(planner):
    plan = planner(CORE | blas(MI300) | blas(RX9000))

    assert all("lib/libhipdnn.so.1" in plan.files("libraries", family) for family in (MI300, RX9000))


def test_devel_links_lead_to_the_own_family_or_to_generic_packages(planner):
    links = planner(CORE | blas(MI300) | blas(RX9000)).links(MI300)

    assert {package for _, package, _ in links.values()} == {
        "_rocm_sdk_core",
        "_rocm_sdk_devel_common",
        "_rocm_sdk_devel_gfx94X_dcgpu",
        "_rocm_sdk_libraries_gfx94X_dcgpu",
    }


def test_a_path_that_only_another_family_has_is_not_linked(planner):
    only_other = {"blas_lib_gfx120X-all": {"lib/libonly.so.1": library("libonly.so.1")}}
    dangling = {"blas_dev_gfx94X-dcgpu": {"lib/libonly.so": link("libonly.so.1"), "include/x.h": file()}}

    plan = planner(
        CORE | only_other | dangling | {"rand_lib_gfx94X-dcgpu": {"lib/librand.so.1": library("librand.so.1")}}
    )

    assert "lib/libonly.so" not in plan.links(MI300)
    assert plan.left_out(MI300)["lib/libonly.so"] == (
        "dangling: a link to libonly.so.1, and nothing is at lib/libonly.so.1"
    )


def test_the_link_table_of_a_family(planner):
    links = planner(CORE | blas(MI300)).links(MI300)

    core, devel, root = "_rocm_sdk_core", "_rocm_sdk_devel_common", "_rocm_sdk_devel_gfx94X_dcgpu"
    libraries = "_rocm_sdk_libraries_gfx94X_dcgpu"
    assert links == {
        ".info": ("symlink", core, ".info"),
        "include/flatbuffers": ("symlink", devel, "include/flatbuffers"),
        "include/hipdnn": ("symlink", devel, "include/hipdnn"),
        "lib/cmake/hip/hip-config.cmake": ("real", devel, "lib/cmake/hip/hip-config.cmake"),
        "lib/libamdhip64.so": ("symlink", root, "lib/libamdhip64.so.7"),
        "lib/libamdhip64.so.7": ("symlink", core, "lib/libamdhip64.so.7"),
        "lib/libhipdnn.so.1": ("symlink", libraries, "lib/libhipdnn.so.1"),
        "lib/libhipdnn.so.1.0": ("symlink", root, "lib/libhipdnn.so.1"),
        "lib/librocblas.so": ("symlink", root, "lib/librocblas.so.5"),
        "lib/librocblas.so.5": ("symlink", libraries, "lib/librocblas.so.5"),
        "lib/llvm/bin/clang": ("real", core, "lib/llvm/bin/clang"),
        "lib/rocblas": ("symlink", libraries, "lib/rocblas"),
    }


def test_a_familys_own_files_are_members_of_its_devel_wheel(planner):
    plan = planner(CORE | blas(MI300))

    assert plan.files("devel", MI300) == {
        "include/rocblas/rocblas.h": "copy",
        "lib/cmake/rocblas/rocblas-config.cmake": "copy",
    }


def test_devel_of_a_family_requires_its_libraries_and_the_neutral_devel(planner):
    plan = planner(CORE | blas(MI300)).plan(MI300)

    metadata = next(m.argument for m in plan.wheels[1].members if m.path.endswith("METADATA"))
    assert [line for line in metadata.splitlines() if line.startswith("Requires-Dist")] == [
        "Requires-Dist: rocm-sdk-core==10.1.0",
        "Requires-Dist: rocm-sdk-devel==10.1.0",
        "Requires-Dist: rocm-sdk-libraries-gfx94X-dcgpu==10.1.0",
    ]


def test_a_header_that_generic_devel_has_with_equal_bytes_is_left_out(planner):
    same = {"blas_dev_gfx94X-dcgpu": {"include/hipdnn/hipdnn.h": file()}}

    plan = planner(CORE | blas(MI300) | {"rand_dev_gfx94X-dcgpu": same["blas_dev_gfx94X-dcgpu"]})

    assert plan.left_out(MI300)["include/hipdnn/hipdnn.h"] == "the same file as the generic one in devel"


def test_a_header_that_differs_from_the_generic_one_is_refused(planner):
    plan = planner(CORE | blas(MI300) | {"rand_dev_gfx94X-dcgpu": {"include/hipdnn/hipdnn.h": file("other")}})

    assert plan.error(MI300) == [
        "the artifacts of gfx94X-dcgpu cannot be packaged:",
        "include/hipdnn/hipdnn.h: rand_dev_gfx94X-dcgpu and a generic artifact (in devel) ship different "
        "files under this path; leave one out",
    ]


def kpack(target: str, path: str = "") -> dict[str, object]:
    name = path or f".kpack/blas_lib_{target}.kpack"
    return {f"blas_lib_{target}": {name: file(target), f"lib/rocblas/library/k_{target}.dat": file(target)}}


NEUTRAL = CORE | {
    "blas_lib_generic": {"lib/librocblas.so.5": library("librocblas.so.5")},
    "blas_dev_generic": {"include/rocblas/rocblas.h": file()},
}


def device(planner, *targets: str, **more: object) -> Planner:
    artifacts = dict(NEUTRAL)
    for target in targets:
        artifacts |= kpack(target)
    return planner(artifacts | more, layout="kpack-split")


def test_a_device_wheel_overlays_the_libraries(planner):
    assert device(planner, "gfx942").files("device", "gfx942") == {
        ".kpack/blas_lib_gfx942.kpack": "copy",
        "lib/rocblas/library/k_gfx942.dat": "copy",
    }


def test_feature_variants_are_merged(planner):
    plan = device(planner, "gfx950", "gfx950:xnack+")

    assert plan.products.families == ("gfx950",)
    assert set(plan.files("device", "gfx950")) == {
        ".kpack/blas_lib_gfx950.kpack",
        ".kpack/blas_lib_gfx950:xnack+.kpack",
        "lib/rocblas/library/k_gfx950.dat",
        "lib/rocblas/library/k_gfx950:xnack+.dat",
    }


def test_a_clash_between_feature_variants_is_refused(planner):
    plan = device(planner, "gfx950", **{"blas_lib_gfx950:xnack+": {".kpack/blas_lib_gfx950.kpack": file("other")}})

    assert plan.error("gfx950") == [
        "the artifacts of gfx950 cannot be packaged:",
        ".kpack/blas_lib_gfx950.kpack: blas_lib_gfx950 and blas_lib_gfx950:xnack+ ship different files under "
        "this path; leave one out",
    ]


def test_a_device_file_that_the_neutral_artifact_has_is_refused(planner):
    plan = device(planner, **{"blas_lib_gfx942": {"lib/librocblas.so.5": library("librocblas.so.5")}})

    assert plan.error("gfx942") == [
        "the artifacts of gfx942 cannot be packaged:",
        "blas_lib_gfx942: lib/librocblas.so.5: libraries ships this path too; a device wheel adds files to "
        "it and must not "
        "replace any",
        "rocm-sdk-device-gfx942: none of its artifacts gives it a file (blas_lib_gfx942); check the claims, "
        "or leave the "
        "artifacts out",
    ]


def test_a_device_wheel_brings_its_files_into_the_devel_tree(planner):
    assert device(planner, "gfx942").links("gfx942") == {
        ".kpack/blas_lib_gfx942.kpack": ("symlink", "_rocm_sdk_libraries", ".kpack/blas_lib_gfx942.kpack"),
        "lib/rocblas/library/k_gfx942.dat": (
            "symlink",
            "_rocm_sdk_libraries",
            "lib/rocblas/library/k_gfx942.dat",
        ),
    }


def test_the_devel_tree_does_not_depend_on_the_devices(planner):
    assert device(planner).plan() == device(planner, "gfx942", "gfx1201").plan()


def test_a_device_file_below_a_folded_directory_is_refused(planner):
    plan = device(planner, **{"blas_lib_gfx942": {".info/gfx942": file()}})

    assert plan.error("gfx942") == [
        "the artifacts of gfx942 cannot be packaged:",
        ".info/gfx942: lies below .info, which the devel tree takes from _rocm_sdk_core as one link; a wheel that adds "
        "files there would write into that package",
    ]


def test_a_file_named_after_another_target_is_refused(planner):
    foreign = {"blas_lib_gfx942": {"lib/rocblas/library/k_gfx1100.dat": file(), "share/gfx942130.kdb": file()}}

    plan = device(planner, **foreign)

    assert plan.error("gfx942") == [
        "the artifacts of gfx942 cannot be packaged:",
        "blas_lib_gfx942: lib/rocblas/library/k_gfx1100.dat: named after another GPU than its wheel is for; ship it in "
        "an artifact of that GPU, or exclude it",
    ]


def test_a_file_named_after_another_target_is_left_out_with_a_note_unless_strict(planner):
    """The wheel of that target may ship the path, too: both could not be installed together."""
    artifacts = NEUTRAL | {"blas_lib_gfx942": {"lib/gfx1100/k.dat": file(), "lib/gfx942/k.dat": file()}}
    plan = planner(artifacts, layout="kpack-split", strict=False)

    assert set(plan.files("device", "gfx942")) == {"lib/gfx942/k.dat"}
    assert plan.plan("gfx942").report.notes == (
        "blas_lib_gfx942: lib/gfx1100/k.dat: named after another GPU than its wheel is for; ship it in an artifact of "
        "that GPU, or exclude it",
    )


def test_a_target_without_any_file_is_refused(planner):
    plan = device(planner, **{"blas_lib_gfx942": {"lib/rocblas/__pycache__/x.pyc": file()}})

    assert plan.error("gfx942") == [
        "the artifacts of gfx942 cannot be packaged:",
        "rocm-sdk-device-gfx942: none of its artifacts gives it a file (blas_lib_gfx942); check the claims, or leave "
        "the artifacts out",
    ]


@pytest.mark.parametrize(
    ("family", "package", "requirement"),
    [("generic", "core", "rocm"), (MI300, "libraries", "rocm[libraries-gfx94x-dcgpu]")],
)
def test_the_description_says_how_to_install_the_wheel(planner, family, package, requirement):
    plan = planner(CORE | blas(MI300)).plan(family)

    wheel = next(wheel for wheel in plan.wheels if wheel.package == package)
    metadata = next(member.argument for member in wheel.members if member.path.endswith("METADATA"))
    assert metadata.endswith(f"\n\ninstall {requirement}\n")


# Licences


def licences(plan: FamilyPlan, package: str = "libraries") -> dict[str, str]:
    """Return path below licenses/ -> source of a wheel's licence files."""
    [wheel] = [wheel for wheel in plan.wheels if wheel.package == package]
    prefix = f"{wheel.dist_info}/licenses/"
    return {m.path.removeprefix(prefix): m.source for m in wheel.members if m.path.startswith(prefix)}


LICENCE = "share/doc/rocblas/LICENSE.md"


def test_a_licence_lies_below_the_name_of_its_artifact(planner):
    artifacts = CORE | blas(MI300) | {f"blas_doc_{MI300}": {LICENCE: file("MIT")}}

    assert licences(planner(artifacts).plan(MI300)) == {f"blas/{LICENCE}": f"blas_doc_{MI300}/stage/{LICENCE}"}


def test_equal_licences_under_one_path_are_one(planner):
    artifacts = CORE | blas(MI300) | {f"blas_{kind}_{MI300}": {LICENCE: file("MIT")} for kind in ("doc", "run")}

    assert list(licences(planner(artifacts).plan(MI300))) == [f"blas/{LICENCE}"]


def test_different_licences_under_one_path_are_both_there(planner):
    path = "share/doc/odd/LICENSE"  # which profiler does not include: as a file of the tree it would be a clash
    artifacts = {
        "rocprofiler-systems_lib_generic": {
            "lib/librocprof-sys.so.1": library("librocprof-sys.so.1"),
            path: file("MIT"),
        },
        "rocprofiler-systems_run_generic": {"bin/rocprof-sys-run": program(), path: file("BSD")},
    }

    found = licences(planner(artifacts).plan(), "profiler")

    assert found == {f"{name}/stage/{path}": f"{name}/stage/{path}" for name in artifacts}
