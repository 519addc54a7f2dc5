"""Libraries that a file needs: where they are found, and what is said where they are not."""

from __future__ import annotations

import pytest

from tests.support.elf_facts import AARCH64, elf
from tests.support.read_wheels import told, wheel
from tools.verify.closed import check_elf_files, highest_glibc
from tools.verify.identity import Wheel
from tools.verify.installed import Installed
from tools.verify.policy import Policy

POLICY = Policy(system=frozenset({"libc.so.6"}), devel=frozenset({"devel"}))
CORE, BLAS, DEVEL = "_rocm_sdk_core/lib", "_rocm_sdk_libraries/lib", "_rocm_sdk_devel/lib"
USER = f"{CORE}/libhip.so.6"
NOWHERE = "needs a library that no wheel has for its machine and that is no known system library"


def problems(*wheels: Wheel) -> list[str]:
    """Return what is said of the first wheel, installed with the others."""
    return told(check_elf_files(Installed(wheels), wheels[0], POLICY))


def core(rpath: str, **files: object) -> Wheel:
    return wheel("core", {USER: elf("libhip.so.6", "libhsa.so.1", "libc.so.6", rpath=rpath), **files})  # type: ignore[arg-type]


def test_a_library_that_the_rpath_leads_to_is_fine():
    assert problems(core("$ORIGIN", **{f"{CORE}/libhsa.so.1": elf("libhsa.so.1")})) == []


def test_a_library_beside_its_user_without_rpath_is_told_with_place_and_remedy():
    found = problems(core("", **{f"{CORE}/libhsa.so.1": elf("libhsa.so.1")}))

    assert found == [
        "error: closed: needs a library that no RPATH of its leads to: it lies in _rocm_sdk_core/lib; add "
        f'"core:lib" to rpaths of packages/core.toml: {USER} (libhsa.so.1)'
    ]


def test_a_library_in_another_folder_of_a_required_wheel_is_told_with_place_and_remedy():
    user = wheel("libraries", {f"{BLAS}/libblas.so": elf("libblas.so", "libomp.so")}, requires=["rocm-sdk-core"])

    found = problems(user, wheel("core", {f"{CORE}/llvm/lib/libomp.so": elf("libomp.so")}))

    assert found == [
        "error: closed: needs a library that no RPATH of its leads to: it lies in _rocm_sdk_core/lib/llvm/lib; add "
        f'"core:lib/llvm/lib" to rpaths of packages/libraries.toml: {BLAS}/libblas.so (libomp.so)'
    ]


def test_a_library_of_a_wheel_that_is_not_required_is_told_with_both_remedies():
    user = wheel("core", {USER: elf("libhip.so.6", "libblas.so", rpath="$ORIGIN/../../_rocm_sdk_libraries/lib")})

    found = problems(user, wheel("libraries", {f"{BLAS}/libblas.so": elf("libblas.so")}))

    assert found == [
        "error: closed: needs a library that no RPATH of its leads to: it lies in _rocm_sdk_libraries/lib; add "
        f'"libraries:lib" to rpaths and "libraries" to requires of packages/core.toml: {USER} (libblas.so)'
    ]


def test_a_required_wheel_is_named_before_one_that_is_not():
    user = wheel("core", {USER: elf("libhip.so.6", "libx.so")}, requires=["rocm-sdk-profiler"])
    other = wheel("libraries", {f"{BLAS}/libx.so": elf("libx.so")})

    [found] = problems(user, other, wheel("profiler", {"_rocm_sdk_profiler/lib/libx.so": elf("libx.so")}))

    assert 'add "profiler:lib" to rpaths of packages/core.toml' in found


def test_a_development_file_has_no_rpaths():
    user = wheel("devel", {f"{DEVEL}/liba.so": elf("liba.so", "libb.so"), f"{DEVEL}/libb.so": elf("libb.so")})

    assert problems(user) == [
        "error: closed: needs a library that no RPATH of its leads to: it lies in _rocm_sdk_devel/lib; devel has no "
        f"rpaths, so claim the file in a package that has: {DEVEL}/liba.so (libb.so)"
    ]


def test_a_library_of_a_strangers_wheel_is_told_by_its_place():
    user = wheel("core", {USER: elf("libhip.so.6", "libz.so.1")})

    found = problems(user, wheel("zlib", {"zlib/libz.so.1": elf("libz.so.1")}, ours=False))

    assert found == [
        f"error: closed: needs a library that no RPATH of its leads to: it lies in zlib: {USER} (libz.so.1)"
    ]


@pytest.mark.parametrize("there", [None, elf("libhsa.so.1", machine=AARCH64), elf("libhsa.so.1", bits=32)])
def test_a_library_that_no_wheel_has_for_the_machine(there):
    files = {f"{CORE}/libhsa.so.1": there} if there else {}

    assert problems(core("$ORIGIN", **files))[0] == f"error: closed: {NOWHERE}: {USER} (libhsa.so.1)"


def test_a_library_needed_by_a_path():
    user = wheel("core", {USER: elf("libhip.so.6", "/opt/rocm/lib/libhsa.so.1")})

    assert problems(user) == [
        f"error: closed: needs a library by a path instead of a name: {USER} (/opt/rocm/lib/libhsa.so.1)"
    ]


@pytest.mark.parametrize(
    ("rpath", "problem"),
    [
        ("/opt/rocm/lib", "has an RPATH that does not begin with $ORIGIN"),
        ("$ORIGIN/../../..", "has an RPATH that leads out of site-packages"),
    ],
)
def test_an_rpath_that_leads_elsewhere(rpath, problem):
    user = wheel("core", {USER: elf("libhip.so.6", rpath=rpath)})

    assert problems(user) == [f"error: rpath: {problem}: {USER} ({rpath!r})"]


def test_an_empty_file_with_the_name_of_a_library():
    user = wheel("core", {f"{CORE}/libempty.so.1": b""})

    assert problems(user) == [f"error: elf: is empty and named like a shared library: {CORE}/libempty.so.1"]


def test_a_file_that_needs_a_newer_glibc_than_the_platform_tag_has():
    user = wheel("core", {USER: elf("libhip.so.6", glibc="2.34")}, platform="manylinux_2_28_x86_64")

    assert problems(user) == [f"error: glibc: needs glibc 2.34, which manylinux_2_28_x86_64 rules out: {USER}"]


def test_the_highest_glibc_is_that_of_numbers():
    user = wheel("core", {"a.so": elf("a.so", glibc="2.9"), "b.so": elf("b.so", glibc="2.34")})

    assert highest_glibc(user) == "2.34"


@pytest.mark.parametrize(
    ("facts", "is_looked_at"),
    [
        ({}, True),
        ({"dynamic": False}, False),
        ({"pie": True}, False),  # static
        ({"pie": True, "interpreter": True}, True),
        ({"type": 1}, False),  # an object file
    ],
)
def test_what_the_loader_looks_at(facts, is_looked_at):
    user = wheel("core", {USER: elf("libhip.so.6", "libgone.so", **facts)})

    assert bool(problems(user)) is is_looked_at
