"""Names that Windows cannot hold, takes for one, or finds too long."""

from __future__ import annotations

import time

import pytest

from tools.windows.names import Room, clashes, is_program, mode, room, too_long, unfit

LONG = "TensileLibrary_" + "B8B8_" * 17 + "gfx1200.dat.zlib"


@pytest.mark.parametrize(
    "path",
    [
        "bin/amdhip64_7.dll",
        "share/.info",
        "a/b.c.d/e f.txt",
        "include/console.h",
        "com/com10.h",
        "lib/clang++.exe",
        "..",
    ],
)
def test_names_that_are_fine(path: str) -> None:
    assert unfit([path]) == []


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("share/a:b", "Windows allows no ':' in a name"),
        ('share/"a"', "Windows allows no '\"' in a name"),
        ("share/what?", "Windows allows no '?' in a name"),
        ("share/a\\b", "Windows allows no '\\\\' in a name"),
        ("share/a\x1fb", "Windows allows no '\\x1f' in a name"),
        ("share/etc./a", "Windows drops the dot or space at the end of 'etc.'"),
        ("share/a ", "Windows drops the dot or space at the end of 'a '"),
        ("include/aux.h", "'aux.h' is a device for Windows, whatever its ending"),
        ("cmake/Con.CMake", "'Con.CMake' is a device for Windows, whatever its ending"),
        ("lib/COM¹", "'COM¹' is a device for Windows, whatever its ending"),
        ("lpt9/a", "'lpt9' is a device for Windows, whatever its ending"),
        ("a/" + "\U0001f600" * 128, "a name has 256 UTF-16 units; Windows takes 255"),
    ],
)
def test_names_that_windows_cannot_hold(path: str, reason: str) -> None:
    assert unfit(["bin/hip.dll", path]) == [f"{path}: {reason}"]


def test_a_name_in_two_cases_is_told_with_its_wheels() -> None:
    wheels = {
        "rocm-sdk-device-gfx1201": ["_rocm_sdk_libraries/share/MIOpen/db.txt", "_rocm_sdk_libraries/share/same.txt"],
        "rocm-sdk-libraries": ["_rocm_sdk_libraries/share/miopen/db.txt", "_rocm_sdk_libraries/share/same.txt"],
    }

    assert clashes(wheels) == [
        "_rocm_sdk_libraries/share/MIOpen/db.txt (rocm-sdk-device-gfx1201) and "
        "_rocm_sdk_libraries/share/miopen/db.txt (rocm-sdk-libraries) are one file for Windows; rename or leave out "
        "all but one"
    ]


def test_names_that_differ_in_composed_letters_only_are_one() -> None:
    assert len(clashes({"a": ["x/\u00e9", "x/e\u0301"]})) == 1


def test_a_file_that_is_a_directory_in_another_case_is_told() -> None:
    assert clashes({"core": ["_core/LIB", "_core/lib/a.dll"]}) == [
        "_core/LIB (core) is a file, and for Windows the directory of _core/lib/a.dll, too"
    ]


def test_the_order_of_wheels_and_paths_changes_nothing() -> None:
    one = {"b": ["A", "a", "C"], "a": ["c", "x"]}
    other = {"a": ["x", "c"], "b": ["C", "a", "A"]}

    assert clashes(one) == clashes(other)
    assert len(clashes(one)) == 2


def test_the_longest_path_leaves_least_room() -> None:
    path = f"_rocm_sdk_libraries_gfx120X_all/bin/hipblaslt/library/gfx1200/{LONG}"

    assert room(["short", path]) == Room(path, 80)
    assert 80 + 1 + len(path) == 259


def test_a_directory_has_to_leave_room_for_a_file() -> None:
    assert room(["d" * 100 + "/f"]).left == 259 - 1 - 112


def test_paths_over_the_budget_are_told() -> None:
    assert too_long(["_core/" + "x" * 20, "_core/y"], 20) == [
        "_core/xxxxxxxxxxxxxxxxxxxx: needs 26 characters below site-packages, more than the budget of 20; Windows "
        "takes 259 in all: shorten the name, or raise the budget and with it the demands on users"
    ]


@pytest.mark.parametrize(
    ("path", "program"), [("bin/hipcc.EXE", True), ("bin/hipcc.bat", True), ("bin/hip.dll", False), ("bin/exe", False)]
)
def test_modes_come_from_names(path: str, program: bool) -> None:
    assert is_program(path) == program
    assert mode(path) == (0o755 if program else 0o644)


def test_forty_thousand_paths_take_no_second() -> None:
    paths = [f"_rocm_sdk_libraries/bin/rocblas/library/gfx{n % 7}/Kernel_{n}.dat" for n in range(40_000)]
    start = time.process_time()

    assert unfit(paths) == []
    assert clashes({"libraries": paths}) == []
    assert time.process_time() - start < 2
