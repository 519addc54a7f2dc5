"""Wheels for Windows: names that it can hold, DLLs that find each other, true tables of loads."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.support.elf_facts import elf
from tests.support.pe_facts import pe
from tests.support.read_wheels import links, told, wheel
from tests.support.small_specs import WINDOWS_LISTS
from tools.pe.model import PeFacts
from tools.verify.dlls import check_windows
from tools.verify.identity import Wheel
from tools.verify.installed import Installed

CORE, BLAS = "_rocm_sdk_core/bin", "_rocm_sdk_libraries/bin"
TABLE = "_rocm_sdk_core/rocm_sdk_core.loads.json"
HIP = {f"{CORE}/amd_comgr.dll": pe("comgr"), f"{CORE}/amdhip64_7.dll": pe("hipInit", KERNEL32=["Sleep"])}
BEFORE = {f"{CORE}/amdhip64_7.dll": [f"{CORE}/amd_comgr.dll"]}  # as the small lists say


def table(before: Mapping[str, list[str]]) -> bytes:
    return json.dumps({"before": before, "runtime": []}).encode()


def core(**more: object) -> Wheel:
    """Return core with HIP and a true table; more files of it, with "__" for "/", None for one that it has not."""
    files = {**HIP, TABLE: table(BEFORE), **{path.replace("__", "/"): data for path, data in more.items()}}
    return wheel("core", {path: data for path, data in files.items() if data is not None})  # type: ignore[misc]


def libraries(files: dict[str, PeFacts | bytes], before: Mapping[str, list[str]]) -> Wheel:
    loads = {"_rocm_sdk_libraries/rocm_sdk_libraries.loads.json": table(before)}
    return wheel("libraries", files | loads, requires=["rocm-sdk-core"])


def problems(*wheels: Wheel) -> list[str]:
    return told(check_windows(Installed(list(wheels)), WINDOWS_LISTS, frozenset({"devel"})))


def errors(*wheels: Wheel) -> list[str]:
    return [one for one in problems(*wheels) if one.startswith("error: ")]


def test_dlls_that_find_each_other_are_fine():
    blas = libraries(
        {f"{BLAS}/rocblas.dll": pe(amdhip64_7=["hipInit"])},
        {f"{BLAS}/rocblas.dll": [f"{CORE}/amd_comgr.dll", f"{CORE}/amdhip64_7.dll"]},
    )

    assert errors(core(), blas) == []


def test_a_dll_that_is_nowhere_is_told():
    blas = libraries({f"{BLAS}/rocblas.dll": pe(gone=["f"])}, {})

    assert errors(core(), blas) == [
        f"error: closed: needs gone.dll, which is not in {BLAS} or {CORE} and is no known part of Windows: "
        f"{BLAS}/rocblas.dll"
    ]


def test_a_dll_of_a_wheel_that_is_not_required_is_nowhere():
    blas = wheel("libraries", {f"{BLAS}/rocblas.dll": pe(amdhip64_7=["hipInit"])})

    assert any("needs amdhip64_7.dll, which is not in " in one for one in errors(core(), blas))


def test_a_symbol_that_nobody_exports_is_told():
    blas = libraries(
        {f"{BLAS}/rocblas.dll": pe(amdhip64_7=["lost"])},
        {f"{BLAS}/rocblas.dll": [f"{CORE}/amd_comgr.dll", f"{CORE}/amdhip64_7.dll"]},
    )

    assert errors(core(), blas) == [
        f"error: closed: imports lost from amdhip64_7.dll, and {CORE}/amdhip64_7.dll exports no such symbol: "
        f"{BLAS}/rocblas.dll"
    ]


@pytest.mark.parametrize(
    "before", [{}, {f"{CORE}/amdhip64_7.dll": []}, {f"{CORE}/amd_comgr.dll": [f"{CORE}/amdhip64_7.dll"]}]
)
def test_a_table_of_another_order_is_told(before):
    assert errors(core(**{TABLE: table(before)})) == [
        f"error: loads: is not the order that the DLLs need; build the wheel again: {TABLE}"
    ]


@pytest.mark.parametrize("text", [b"{", b"[" * 100_000], ids=["cut", "nested"])
def test_a_table_that_is_no_json_is_told(text):
    assert errors(core(**{TABLE: text})) == [
        f"error: loads: is not the order that the DLLs need; build the wheel again: {TABLE}"
    ]


@pytest.mark.parametrize(
    "files",
    [{TABLE: None}, {TABLE: None, "other.loads.json": b"{}"}, {"_rocm_sdk_core/second.loads.json": b"{}"}],
    ids=["none", "another name", "two"],
)
def test_a_wheel_with_dlls_has_one_table(files):
    assert errors(core(**files)) == [f"error: loads: must have one table of loads, of this name: {TABLE}"]


def test_a_wheel_without_dlls_needs_no_table():
    assert errors(wheel("libraries", {f"{BLAS}/kernels.dat": b""})) == []


def test_a_file_of_another_kind_than_its_name_says_is_told():
    assert errors(core(**{f"{CORE}/libx.so": elf("libx.so")})) == [
        "error: machine: is a Linux library for x86-64, in an artifact for Windows; fetch the artifact of a Windows "
        f"run, or set platform_tag to Linux's: {CORE}/libx.so"
    ]


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("aux.dat", "'aux.dat' is a device for Windows, whatever its ending"),
        ("x" * 170, f"needs {len(CORE) + 171} characters below site-packages, more than the budget of 180; Windows"),
    ],
)
def test_a_name_that_windows_cannot_hold_is_told(path, problem):
    [found] = errors(core(**{f"{CORE}/{path}": b""}))

    assert found.startswith(f"error: names: {problem}")
    assert found.endswith(f": {CORE}/{path}")


def test_a_link_of_the_devel_tree_has_to_be_a_name_for_windows_too():
    table_of_links = links("_rocm_sdk_devel", ("bin/con", "real", "_rocm_sdk_core", "bin/amd_comgr.dll"))
    devel = wheel("devel", {"_rocm_sdk_devel/d.links.json": table_of_links}, requires=["rocm-sdk-core"])

    assert errors(core(), devel) == [
        "error: names: 'con' is a device for Windows, whatever its ending: _rocm_sdk_devel/bin/con"
    ]


def test_paths_of_two_wheels_that_are_one_file_are_told():
    other = wheel("libraries", {f"{CORE}/A.dat": b"1"})

    [found] = errors(core(**{f"{CORE}/a.dat": b"2"}), other)

    assert found.startswith("error: names: ")
    assert f"{CORE}/A.dat" in found
    assert f"{CORE}/a.dat" in found
    assert "are one file for Windows" in found
