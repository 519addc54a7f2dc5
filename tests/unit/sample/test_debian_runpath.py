"""An ELF file names the directories of the tree that hold what it needs, and no more."""

from __future__ import annotations

import pytest

from tests.support.elf_facts import elf
from tools.elf.model import ElfFacts
from tools.sample.debian.runpath import needed_runpath

LIBRARIES = {"liba.so.1": "lib", "libllvm.so": "lib/llvm/lib", "libz.so.1": "lib/rocm_sysdeps/lib"}


@pytest.mark.parametrize(
    ("path", "facts", "expected"),
    [
        pytest.param("lib/libb.so.1", elf(None, "libc.so.6"), None, id="nothing of the tree"),
        pytest.param("lib/libb.so.1", elf(None, "liba.so.1"), "$ORIGIN", id="beside it"),
        pytest.param(
            "bin/b", elf(None, "liba.so.1", "libz.so.1"), "$ORIGIN/../lib:$ORIGIN/../lib/rocm_sysdeps/lib", id="program"
        ),
        pytest.param("lib/llvm/lib/libc.so", elf(None, "libz.so.1"), "$ORIGIN/../../rocm_sysdeps/lib", id="across"),
        pytest.param("lib/llvm/bin/c", elf(None, "libllvm.so", runpath="$ORIGIN/../lib"), None, id="reached already"),
        pytest.param(
            "lib/llvm/bin/c",
            elf(None, "libllvm.so", "libz.so.1", runpath="$ORIGIN/../lib"),
            "$ORIGIN/../lib:$ORIGIN/../../rocm_sysdeps/lib",
            id="what it has comes first",
        ),
        pytest.param("lib/libb.so", elf(None, "liba.so.1", rpath="${ORIGIN}"), None, id="braces"),
        pytest.param("lib/libb.so", elf(None, "liba.so.1", rpath="/usr/lib"), "/usr/lib:$ORIGIN", id="absolute"),
    ],
)
def test_search_path(path: str, facts: ElfFacts, expected: str | None) -> None:
    assert needed_runpath(path, facts, LIBRARIES) == expected
