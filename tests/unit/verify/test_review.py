from __future__ import annotations

import pytest

from tools.verify.policy import read_policy
from tools.verify.review import targets_in

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
