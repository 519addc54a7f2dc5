"""What CMake's and pkg-config's files name, against a devel tree; and file names that nobody meant to ship."""

from __future__ import annotations

import json

import pytest
from packaging.requirements import Requirement

from tools.verify.finding import lines
from tools.verify.identity import Facts, Identity, Wheel
from tools.verify.installed import Installed
from tools.verify.leftovers import check_leftovers
from tools.verify.prefixes import check_prefixes
from tools.verify.wheel import Content, WheelContents

ROOT = "_rocm_sdk_devel"
STEPS = 'get_filename_component(_IMPORT_PREFIX "${CMAKE_CURRENT_LIST_FILE}" PATH)\n' + (
    'get_filename_component(_IMPORT_PREFIX "${_IMPORT_PREFIX}" PATH)\n' * 3
)
PACKAGE = 'get_filename_component(PACKAGE_PREFIX_DIR "${CMAKE_CURRENT_LIST_DIR}/../../../" ABSOLUTE)\n'


def wheel(project: str, platform_package: str, files: dict[str, str], requires: tuple[str, ...] = ()) -> Wheel:
    texts = {f"{platform_package}/{path}": text.encode() for path, text in files.items()}
    contents = WheelContents(
        filename=f"{project}.whl",
        size=0,
        sha256="",
        files={path: Content(len(text), "", 0o644) for path, text in texts.items()},
        texts=texts,
    )
    facts = Facts("p", "generic", project, "1", platform_package, {})
    return Wheel(contents, Identity(project, "1", (), "", tuple(map(Requirement, requires)), "", facts))


def findings(files: dict[str, str], links: tuple[tuple[str, str, str, str], ...] = ()) -> list[str]:
    core = wheel("core", "_rocm_sdk_core", {"lib/libhip.so.7": "", "share/x/a.txt": ""})
    rows = [["lib/libhip.so.7", "symlink", "_rocm_sdk_core", "lib/libhip.so.7"], *map(list, links)]
    table = {"devel.links.json": json.dumps({"root": ROOT, "links": rows})}
    devel = wheel("devel", ROOT, {**files, **table}, ("core",))
    return [sentence for _, sentence in lines(check_prefixes(Installed([core, devel])))]


def test_what_lies_in_the_tree_or_behind_its_links_is_fine():
    text = STEPS + 'set(a "${_IMPORT_PREFIX}/lib/libhip.so.7;${_IMPORT_PREFIX}/include")\n'
    files = {"lib/cmake/hip/hip-targets.cmake": text, "include/a.h": ""}
    folded = ("share/x", "symlink", "_rocm_sdk_core", "share/x")

    more = STEPS + "set(b ${_IMPORT_PREFIX}/share/x/a.txt)\n"
    assert findings({**files, "lib/cmake/hip/b.cmake": more}, (folded,)) == []


@pytest.mark.parametrize(
    ("path", "text", "named"),
    [
        ("lib/cmake/a/a-targets.cmake", STEPS + "set(x ${_IMPORT_PREFIX}/gone)", "${_IMPORT_PREFIX}/gone"),
        ("lib/cmake/a/a-config.cmake", PACKAGE + "set(x ${PACKAGE_PREFIX_DIR}/gone)", "${PACKAGE_PREFIX_DIR}/gone"),
    ],
    ids=["import prefix", "package prefix"],
)
def test_what_is_not_in_the_tree_is_named(path: str, text: str, named: str):
    assert findings({path: text}) == [f"warning: prefixes: names what is not in the devel tree: {ROOT}/{path}: {named}"]


def test_references_of_a_configuration_use_the_prefix_of_the_file_beside():
    files = {
        "lib/cmake/a/a-targets.cmake": STEPS,
        "lib/cmake/a/a-targets-release.cmake": 'set(x "${_IMPORT_PREFIX}/lib/libgone.so")',
    }

    assert findings(files) == [
        f"warning: prefixes: names what is not in the devel tree: {ROOT}/lib/cmake/a/a-targets-release.cmake: "
        "${_IMPORT_PREFIX}/lib/libgone.so"
    ]


@pytest.mark.parametrize(
    "text",
    [
        'get_filename_component(_IMPORT_PREFIX "${_DIR}/../" REALPATH)\nset(x ${_IMPORT_PREFIX}/gone)',
        STEPS + "# ${_IMPORT_PREFIX}/gone\nset(x ${_IMPORT_PREFIX}/${name})",
        'set(url "https://example.org/a/b" /usr/lib/x /opt/rocm/lib)\nmatch("[/a/b]")',
    ],
    ids=["set otherwise", "a comment and a variable", "a URL and places of every system"],
)
def test_what_cannot_be_judged_is_left_alone(text: str):
    assert findings({"lib/cmake/a/a.cmake": text}) == []


@pytest.mark.parametrize("path", ["lib/cmake/a/a.cmake", "lib/pkgconfig/a.pc", "lib/liba.la"])
def test_paths_of_the_machine_of_the_build_are_named(path: str):
    assert findings({path: "libdir='/home/builder/out/lib'\n"}) == [
        f"warning: prefixes: names a path of the machine of the build: {ROOT}/{path}: /home/builder/out/lib"
    ]


def test_a_prefix_of_pkg_config_has_to_be_relative():
    files = {"lib/pkgconfig/a.pc": "prefix=/opt/rocm\n", "lib/pkgconfig/b.pc": "prefix=${pcfiledir}/../..\n"}

    assert findings(files) == [
        f"warning: prefixes: has a prefix that is not relative to ${{pcfiledir}}: {ROOT}/lib/pkgconfig/a.pc: /opt/rocm"
    ]


def test_left_over_files_and_names_that_differ_in_case_are_named():
    names = ("lib/.nfs0001", "lib/core.1234", "lib/.DS_Store", "lib/core.h", "lib/A.h", "lib/a.h")
    found = check_leftovers(wheel("core", "_core", dict.fromkeys(names, "")))

    assert [sentence for _, sentence in lines(found)] == [
        "warning: names: differs in case only, so one replaces the other on some file systems: "
        "_core/lib/A.h, _core/lib/a.h",
        "warning: names: was left over by a file system, a crash or a file manager: _core/lib/.DS_Store, "
        "_core/lib/.nfs0001, _core/lib/core.1234",
    ]
