"""An ELF file names the directories of the tree that hold what it needs, and no more."""

from __future__ import annotations

import pytest

from tools.elf.model import ElfFacts
from tools.sample.debian.runpath import needed_runpath

LIBRARIES = {"liba.so.1": "lib", "libllvm.so": "lib/llvm/lib", "libz.so.1": "lib/rocm_sysdeps/lib"}


def facts(*needed: str, rpath: str | None = None, runpath: str | None = None) -> ElfFacts:
    return ElfFacts(
        type=3,
        machine=62,
        bits=64,
        interpreter=False,
        dynamic=True,
        pie=False,
        soname=None,
        needed=needed,
        rpath=rpath,
        runpath=runpath,
        glibc=None,
    )


@pytest.mark.parametrize(
    ("path", "elf", "expected"),
    [
        pytest.param("lib/libb.so.1", facts("libc.so.6"), None, id="nothing of the tree"),
        pytest.param("lib/libb.so.1", facts("liba.so.1"), "$ORIGIN", id="beside it"),
        pytest.param(
            "bin/b", facts("liba.so.1", "libz.so.1"), "$ORIGIN/../lib:$ORIGIN/../lib/rocm_sysdeps/lib", id="program"
        ),
        pytest.param("lib/llvm/lib/libc.so", facts("libz.so.1"), "$ORIGIN/../../rocm_sysdeps/lib", id="across"),
        pytest.param("lib/llvm/bin/c", facts("libllvm.so", runpath="$ORIGIN/../lib"), None, id="reached already"),
        pytest.param(
            "lib/llvm/bin/c",
            facts("libllvm.so", "libz.so.1", runpath="$ORIGIN/../lib"),
            "$ORIGIN/../lib:$ORIGIN/../../rocm_sysdeps/lib",
            id="what it has comes first",
        ),
        pytest.param("lib/libb.so", facts("liba.so.1", rpath="${ORIGIN}"), None, id="braces"),
        pytest.param("lib/libb.so", facts("liba.so.1", rpath="/usr/lib"), "/usr/lib:$ORIGIN", id="absolute"),
    ],
)
def test_search_path(path: str, elf: ElfFacts, expected: str | None) -> None:
    assert needed_runpath(path, elf, LIBRARIES) == expected
