"""Linux: which files are programs, libraries or foreign, and what stands for a link."""

from __future__ import annotations

import pytest

from tests.support.elf_facts import elf
from tests.support.planner import file, library, program, script
from tools.platform.tags import platform_of

LINUX = platform_of("linux_x86_64")
AARCH64, I386, AMDGPU = 183, 3, 224


@pytest.mark.parametrize(
    ("make", "is_program"),
    [
        pytest.param(program(), True, id="ELF program"),
        pytest.param(script(), True, id="script"),
        pytest.param(file(script=True), False, id="script without an exec bit"),
        pytest.param(file(mode=0o755), False, id="data with an exec bit"),
        pytest.param(library("liba.so.1"), False, id="library"),
    ],
)
def test_programs(make, is_program):
    assert LINUX.is_program(make("bin/x")) is is_program


@pytest.mark.parametrize(
    ("make", "name"),
    [
        pytest.param(library("liba.so.1"), "liba.so.1", id="library"),
        pytest.param(library(None), "", id="without a SONAME"),
        pytest.param(library("a/liba.so.1"), "", id="a path for a SONAME"),
        pytest.param(library("liba.so.1", machine=AARCH64), "", id="another machine"),
        pytest.param(file(), "", id="data"),
    ],
)
def test_the_name_of_a_library_is_its_soname(make, name):
    assert LINUX.library_name(make("lib/x")) == name


@pytest.mark.parametrize(
    ("facts", "loaded", "foreign"),
    [
        pytest.param({}, True, False, id="library"),
        pytest.param({"interpreter": True, "pie": True}, True, False, id="program"),
        pytest.param({"pie": True}, False, False, id="static program"),
        pytest.param({"type": 1, "dynamic": False}, False, False, id="object file"),
        pytest.param({"machine": AARCH64}, False, True, id="AArch64"),
        pytest.param({"machine": AARCH64, "type": 1, "dynamic": False}, False, False, id="object file of AArch64"),
        pytest.param({"machine": I386, "bits": 32}, False, False, id="i386"),
        pytest.param({"machine": AMDGPU}, False, False, id="code of a GPU"),
    ],
)
def test_what_the_loader_maps_and_what_is_for_another_machine(facts, loaded, foreign):
    assert (LINUX.is_loaded(elf(**facts)), LINUX.is_foreign(elf(**facts))) == (loaded, foreign)


@pytest.mark.parametrize(
    ("path", "name", "target", "opened", "form"),
    [
        pytest.param("bin/b", "bin/a", program(), False, "stub", id="program"),
        pytest.param("share/b", "share/a", file(), False, "copy", id="data"),
        pytest.param("lib/liba.so", "lib/liba.so.1", library("liba.so.1"), True, "forwarder", id="opened by this name"),
        pytest.param("lib/liba.so", "lib/liba.so.1", library("liba.so.1"), False, "name", id="for linkers"),
        pytest.param("x/liba.so.1", "lib/liba.so.1", library("liba.so.1"), False, "copy", id="SONAME elsewhere"),
        pytest.param("x/liba.so", "lib/liba.so.1", library("liba.so.1"), True, "name", id="another name elsewhere"),
    ],
)
def test_the_form_of_a_link(path, name, target, opened, form):
    assert LINUX.link_form(path, name, target(name), opened=opened) == form


def test_a_search_path_that_is_right_stays():
    assert LINUX.search_path(elf(rpath="$ORIGIN"), "_a/lib", [("_a", "lib")]) is None
    assert LINUX.search_path(elf(runpath="$ORIGIN"), "_a/lib", [("_a", "lib")]) == "$ORIGIN"
    assert LINUX.search_path(elf(machine=AARCH64, rpath="/x"), "_a/lib", []) is None
