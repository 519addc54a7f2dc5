from __future__ import annotations

import pytest

from tests.support.elf_facts import elf
from tools.elf.search import rpath_for


@pytest.mark.parametrize(
    ("existing", "rpath"),
    [
        pytest.param("$ORIGIN/../lib", "$ORIGIN/../lib", id="kept"),
        pytest.param("$ORIGIN/../lib/", "$ORIGIN/../lib", id="final slash"),
        pytest.param("${ORIGIN}/x", "$ORIGIN/x", id="braces"),
        pytest.param("$ORIGIN//a/./b/../c", "$ORIGIN/a/c", id="normalised"),
        pytest.param("$ORIGIN/.:$ORIGIN/", "$ORIGIN", id="own directory once"),
        pytest.param("$ORIGIN/b:$ORIGIN/a:$ORIGIN/b", "$ORIGIN/b:$ORIGIN/a", id="in order, once"),
        pytest.param("/opt/rocm/lib:$ORIGIN:/build", "$ORIGIN", id="absolute dropped"),
        pytest.param("::lib:./lib:../lib:", "", id="empty and relative dropped"),
        pytest.param("$ORIGINAL/lib:${ORIGIN}s:$LIB/x", "", id="other words dropped"),
        pytest.param("/x/$ORIGIN/lib", "", id="$ORIGIN behind a slash is absolute"),
        pytest.param("", "", id="empty"),
    ],
)
def test_existing_entries(existing, rpath):
    assert rpath_for(elf(rpath=existing), "_rocm_sdk_core/lib", []) == rpath


@pytest.mark.parametrize(
    ("directory", "dependency", "rpath"),
    [
        pytest.param(
            "_rocm_sdk_libraries/lib",
            ("_rocm_sdk_core", "lib"),
            "$ORIGIN/../../_rocm_sdk_core/lib",
            id="another package",
        ),
        pytest.param(
            "_rocm_sdk_core/lib/llvm/lib/clang/22/lib/linux",
            ("_rocm_sdk_core", "lib"),
            "$ORIGIN/../../../../../..",
            id="upwards stays inside",
        ),
        pytest.param(
            "_rocm_sdk_core/lib/plugins",
            ("_rocm_sdk_core", "lib/llvm/lib"),
            "$ORIGIN/../llvm/lib",
            id="sideways stays inside",
        ),
        pytest.param("_rocm_sdk_core/lib", ("_rocm_sdk_core", "lib"), "$ORIGIN", id="own directory"),
        pytest.param("_rocm_sdk_core", ("_rocm_sdk_core", "lib"), "$ORIGIN/lib", id="downwards"),
        pytest.param("_a/lib", ("_b", "lib/"), "$ORIGIN/../../_b/lib", id="final slash"),
    ],
)
def test_dependency(directory, dependency, rpath):
    assert rpath_for(elf(), directory, [dependency]) == rpath


def test_existing_entries_come_first_and_nothing_twice():
    found = rpath_for(
        elf(rpath="/x:$ORIGIN:$ORIGIN/../../_b/lib"), "_a/lib", [("_b", "lib"), ("_a", "lib"), ("_b", "lib/llvm/lib")]
    )

    assert found == "$ORIGIN:$ORIGIN/../../_b/lib:$ORIGIN/../../_b/lib/llvm/lib"


def test_runpath_counts_when_both_exist_as_for_the_loader():
    assert rpath_for(elf(rpath="$ORIGIN/a", runpath="$ORIGIN/b"), "_a/lib", []) == "$ORIGIN/b"
