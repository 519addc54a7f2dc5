from __future__ import annotations

import pytest

from tests.support.read_wheels import told, wheel
from tools.plan.targets import targets_in
from tools.verify.finding import lines
from tools.verify.policy import read_policy
from tools.verify.review import review

KNOWN = ("gfx900", "gfx90a", "gfx90c", "gfx906", "gfx908", "gfx942", "gfx950", "gfx1030", "gfx1100", "gfx1201")


@pytest.mark.parametrize(
    ("path", "targets"),
    [
        ("lib/rocblas/library/TensileLibrary_gfx942.dat", ["gfx942"]),
        ("lib/Kernels.so-000-gfx90a-xnack+.hsaco", ["gfx90a"]),
        (".kpack/blas_lib_gfx950:xnack+.kpack", ["gfx950"]),
        ("share/miopen/db/gfx90a68.db.txt", ["gfx90a"]),
        ("share/miopen/db/gfx942130.kdb", ["gfx942"]),
        ("share/miopen/db/gfx1030_36.kdb", ["gfx1030"]),
        ("share/miopen/db/gfx803_64.db.txt", ["gfx803"]),
        ("lib/gfx1100/a_gfx1201.co", ["gfx1100", "gfx1201"]),
        ("_rocm_sdk_libraries_gfx94X_dcgpu/lib/a.so", []),
        ("_rocm_sdk_libraries_gfx120X_all/lib/gfx9-generic.hsaco", []),
        ("lib/gfx11-generic.co", []),
        ("lib/oclc_isa_version_942.bc", []),
    ],
)
def test_targets_in_a_path(path, targets):
    assert targets_in(path, KNOWN) == targets


def test_our_specs_are_a_policy(request):
    policy = read_policy(request.config.rootpath / "packaging_specs")

    assert {"libc.so.6", "libstdc++.so.6"} <= policy.system
    assert policy.families["gfx942"] == ("dcgpu-all", "gfx94X-all", "gfx94X-dcgpu")
    assert policy.budgets["core"] == 2_000_000_000


FAMILIES = {name: ("gfx94X-dcgpu",) if name == "gfx942" else () for name in KNOWN}


def kernels(*targets: str):
    files = {f"_rocm_sdk_libraries_gfx94X_dcgpu/lib/{number}_{name}.co": b"" for number, name in enumerate(targets)}
    return wheel("libraries", files, family="gfx94X-dcgpu")


def test_files_of_the_familys_own_targets_are_fine():
    assert told(review(kernels("gfx942", "gfx942"), FAMILIES, {})) == []


def test_files_of_many_other_gpus_are_one_warning():
    found = list(review(kernels(*KNOWN, "gfx942_gfx90a"), FAMILIES, {}))

    assert len(found) == 10
    assert len([*lines(found)]) == 1
    assert told(found)[0] == (
        "warning: targets: is named after a GPU that the wheel is not for: "
        "_rocm_sdk_libraries_gfx94X_dcgpu/lib/0_gfx900.co (gfx900)"
    )


def test_a_wheel_that_is_larger_than_its_budget():
    assert told(review(kernels(), FAMILIES, {"libraries": 999})) == [
        "error: budget: has 1,000 bytes; the budget of libraries is 999"
    ]


def test_files_for_one_version_of_python():
    assert told(review(wheel("core", {"_rocm_sdk_core/lib/a.cpython-311-x86_64-linux-gnu.so": b""}), {}, {})) == [
        "warning: python: is for one version of Python, in a wheel for all of them: "
        "_rocm_sdk_core/lib/a.cpython-311-x86_64-linux-gnu.so"
    ]
