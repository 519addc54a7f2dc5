"""What kind of file a path is."""

from __future__ import annotations

import pytest

from tools.report.kinds import Group, group_of


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("_rocm_sdk_core/lib/libamdhip64.so.7", Group("libraries")),
        ("_rocm_sdk_core/bin/amdhip64.dll", Group("libraries")),
        ("_rocm_sdk_libraries/lib/rocblas/library/Kernels.so-000-gfx942.hsaco", Group("device code", "gfx942")),
        ("_rocm_sdk_libraries/lib/rocblas/library/TensileLibrary_gfx90a.dat", Group("device code", "gfx90a")),
        ("_rocm_sdk_libraries/share/miopen/db/gfx1201/all.kdb", Group("device code", "gfx1201")),
        ("_rocm_sdk_libraries/.kpack/all.kpack", Group("device code")),
        ("_rocm_sdk_libraries_gfx94X_dcgpu/share/doc/notes.txt", Group("other")),
        ("_rocm_sdk_devel/include/gfx942/x.hpp", Group("headers")),
        ("_rocm_sdk_devel/lib/librocsolver.a", Group("static libraries")),
        ("_rocm_sdk_core/bin/rocminfo", Group("programs")),
        ("rocm_sdk/__init__.py", Group("Python")),
        ("_rocm_sdk_devel/lib/cmake/hip/hip-config.cmake", Group("CMake and pkg-config")),
        ("rocm_sdk_core-1.dist-info/licenses/x.h", Group("metadata")),
        ("rocm-1.tar.gz", Group("other")),
    ],
)
def test_a_path_says_the_kind(path, group):
    assert group_of(path) == group
