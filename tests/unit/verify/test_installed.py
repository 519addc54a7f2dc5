"""Wheels side by side in site-packages, devel's links included."""

from __future__ import annotations

import pytest

from tests.support.read_wheels import links, told, wheel
from tools.verify.installed import Installed, check_tree

CORE, DEVEL = "_rocm_sdk_core", "_rocm_sdk_devel"
TABLE = f"{DEVEL}/rocm_sdk_devel.links.json"


def core(**files: bytes):
    return wheel("core", {f"{CORE}/lib/libhip.so.6": b"x", **files})


def devel(*rows: tuple[str, str, str, str]):
    return wheel("devel", {TABLE: links(DEVEL, *rows)}, requires=["rocm-sdk-core"])


def test_a_wheel_sees_itself_and_what_it_requires_however_far():
    installed = Installed(
        [wheel("a", requires=["rocm-sdk-b"]), wheel("b", requires=["rocm-sdk-c"]), wheel("c"), wheel("d")]
    )

    assert installed.visible("rocm-sdk-a") == {"rocm-sdk-a", "rocm-sdk-b", "rocm-sdk-c"}


def test_a_file_of_a_wheel_that_is_not_required_is_not_found():
    installed = Installed([core(), wheel("libraries")])

    assert installed.find(f"{CORE}/lib/libhip.so.6", installed.visible("rocm-sdk-libraries")) is None


def test_links_are_followed_directories_too():
    installed = Installed([core(), devel(("lib", "symlink", CORE, "lib"), ("lib64", "symlink", DEVEL, "lib"))])

    found = installed.find(f"{DEVEL}/lib64/libhip.so.6", installed.visible("rocm-sdk-devel"))

    assert found is not None
    assert found.project == "rocm-sdk-core"


def test_files_are_found_by_their_last_name():
    installed = Installed([core(), wheel("libraries", {"_rocm_sdk_libraries/x/libhip.so.6": b"x"})])

    assert [path for path, _ in installed.named("libhip.so.6")] == [
        f"{CORE}/lib/libhip.so.6",
        "_rocm_sdk_libraries/x/libhip.so.6",
    ]


def test_a_path_in_two_wheels():
    installed = Installed([core(), wheel("other", {f"{CORE}/lib/libhip.so.6": b"y"})])

    assert told(installed.findings) == [
        "error: together: rocm_sdk_core-1.0-py3-none-linux_x86_64.whl has it, too, and both can be installed together: "
        f"{CORE}/lib/libhip.so.6"
    ]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (
            [("a", "symlink", CORE, "lib/gone")],
            f"leads to nothing in the wheels that it requires: {DEVEL}/a -> {CORE}/lib/gone",
        ),
        (
            [("lib", "symlink", CORE, "lib"), ("lib/b", "symlink", CORE, "lib/libhip.so.6")],
            f"lies below another link, and would be made where that leads: {DEVEL}/lib/b",
        ),
        (
            [("rocm_sdk_devel.links.json", "symlink", CORE, "lib")],
            f"a row of its link table would replace a file: {TABLE}",
        ),
    ],
)
def test_rows_that_cannot_be_made(rows, problem):
    assert told(Installed([core(), devel(*rows)]).check_links()) == [f"error: links: {problem}"]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("../a", "symlink", CORE, "lib"), "leads out of its place: '_rocm_sdk_devel/../a'"),
        (("a", "hardlink", CORE, "lib"), "is of an unknown kind, 'hardlink': a"),
    ],
)
def test_tables_that_make_no_sense(row, problem):
    assert told(Installed([core(), devel(row)]).findings) == [f"error: links: {problem}"]


def test_a_table_that_is_no_table():
    [finding] = Installed([wheel("devel", {TABLE: b"{"})]).findings

    assert (finding.check, finding.culprit) == ("links", TABLE)


def test_a_path_that_another_wheel_has_as_a_directory():
    installed = Installed([core(), wheel("other", {f"{CORE}/lib": b"x"})])

    assert told(check_tree(installed.wheels, installed.files)) == [
        f"error: together: is a directory in rocm_sdk_core-1.0-py3-none-linux_x86_64.whl: {CORE}/lib"
    ]
