"""Each file of Debian's packages has one place in the artifacts."""

from __future__ import annotations

import pytest

from tools.sample.debian.place import link_target, place
from tools.sample.debian.table import Group, read_table

TABLE = read_table()


def group_of(package: str) -> Group:
    return next(group for group in TABLE.groups if package in group.packages)


@pytest.mark.parametrize(
    ("package", "debian", "component", "path"),
    [
        ("librocrand1", "usr/lib/x86_64-linux-gnu/librocrand.so.1.1", "lib", "lib/librocrand.so.1.1"),
        ("librocrand-dev", "usr/include/rocrand/rocrand.h", "dev", "include/rocrand/rocrand.h"),
        ("librocrand-dev", "usr/lib/x86_64-linux-gnu/librocrand.so", "lib", "lib/librocrand.so"),
        ("librocm-smi64-1", "usr/lib/librocm_smi64.so.1.0", "lib", "lib/librocm_smi64.so.1.0"),
        ("librocprim-dev", "usr/lib/cmake/rocprim/a.cmake", "dev", "lib/cmake/rocprim/a.cmake"),
        ("libhsakmt-dev", "usr/lib/x86_64-linux-gnu/pkgconfig/a.pc", "dev", "lib/pkgconfig/a.pc"),
        ("hipcc", "usr/bin/hipcc", "run", "bin/hipcc"),
        ("clang-15", "usr/lib/llvm-15/bin/clang", "run", "lib/llvm/bin/clang"),
        ("libllvm15", "usr/lib/x86_64-linux-gnu/libLLVM-15.so.1", "lib", "lib/llvm/lib/libLLVM-15.so.1"),
        (
            "libclang-common-15-dev",
            "usr/lib/llvm-15/lib/clang/15.0.6/include/stddef.h",
            "run",
            "lib/llvm/lib/clang/15.0.6/include/stddef.h",
        ),
        (
            "libclang-common-15-dev",
            "usr/lib/llvm-15/lib/clang/15.0.6/lib/linux/libclang_rt.builtins-x86_64.a",
            "run",
            "lib/llvm/lib/clang/15.0.6/lib/linux/libclang_rt.builtins-x86_64.a",
        ),
        (
            "rocm-device-libs",
            "usr/lib/x86_64-linux-gnu/amdgcn/bitcode/ockl.bc",
            "run",
            "lib/llvm/amdgcn/bitcode/ockl.bc",
        ),
        ("zlib1g", "lib/x86_64-linux-gnu/libz.so.1.2.13", "lib", "lib/rocm_sysdeps/lib/libz.so.1.2.13"),
        ("zlib1g", "usr/share/doc/zlib1g/copyright", "lib", "lib/rocm_sysdeps/share/doc/zlib1g/copyright"),
        ("hipcc", "usr/share/doc/hipcc/copyright", "doc", "share/doc/hipcc/copyright"),
        ("libcub-dev", "usr/share/doc/libcub-dev/copyright", "dev", "share/doc/libcub-dev/copyright"),
    ],
)
def test_a_file_goes_to(package: str, debian: str, component: str, path: str) -> None:
    placed = place(TABLE, group_of(package), debian)

    assert placed is not None
    assert (placed.component, placed.path) == (component, path)


@pytest.mark.parametrize(
    ("package", "debian"),
    [
        pytest.param("hipcc", "usr/share/lintian/overrides/hipcc", id="Debian's checks"),
        pytest.param("hipcc", "usr/share/doc/hipcc/changelog.Debian.gz", id="Debian's change log"),
        pytest.param("clang-15", "usr/bin/clang-15", id="a second name outside lib/llvm"),
        pytest.param("llvm-15", "usr/lib/llvm-15/bin/llvm-debuginfod", id="needs what is not bundled"),
        pytest.param("llvm-15-dev", "usr/lib/llvm-15/lib/libLLVMCore.a", id="not among the group's own"),
    ],
)
def test_a_file_is_left_out(package: str, debian: str) -> None:
    assert place(TABLE, group_of(package), debian) is None


@pytest.mark.parametrize(
    ("package", "debian", "target", "expected"),
    [
        (
            "librocrand-dev",
            "usr/lib/x86_64-linux-gnu/librocrand.so",
            "librocrand.so.1",
            "librocrand.so.1",
        ),
        ("rocm-smi", "usr/bin/rocm-smi", "../libexec/rocm_smi/rocm_smi.py", "../libexec/rocm_smi/rocm_smi.py"),
        ("zlib1g", "usr/lib/x86_64-linux-gnu/libz.so", "/lib/x86_64-linux-gnu/libz.so.1", "libz.so.1"),
        (
            "libclang1-15",
            "usr/lib/llvm-15/lib/libclang.so.1",
            "../../x86_64-linux-gnu/libclang-15.so.1",
            "libclang-15.so.1",
        ),
    ],
)
def test_a_link_moves_with_its_target(package: str, debian: str, target: str, expected: str) -> None:
    assert link_target(TABLE, group_of(package), debian, target) == expected


@pytest.mark.parametrize(
    ("package", "debian", "target"),
    [
        pytest.param(
            "libclang1-15",
            "usr/lib/llvm-15/lib/libclang-15.so.1",
            "../../x86_64-linux-gnu/libclang-15.so.1",
            id="to itself: two directories became one",
        ),
        pytest.param("rocm-smi", "usr/bin/rocm-smi", "/etc/alternatives/rocm-smi", id="out of the tree"),
        pytest.param("rocm-smi", "usr/bin/rocm-smi", "../../../../../etc/passwd", id="above the root"),
    ],
)
def test_a_link_is_left_out(package: str, debian: str, target: str) -> None:
    assert link_target(TABLE, group_of(package), debian, target) is None
