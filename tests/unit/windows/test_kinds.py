"""Files that do not belong into a wheel for Windows."""

from __future__ import annotations

import pytest

from tests.support.elf_facts import AARCH64, AMDGPU, elf
from tests.support.pe_facts import pe
from tools.elf.model import ElfFacts
from tools.windows.kinds import misplaced


def test_a_linux_library_is_told() -> None:
    assert misplaced("lib/libamdhip64.so.7", None, elf("libx.so.1")) == (
        "lib/libamdhip64.so.7: is a Linux library for x86-64, in an artifact for Windows; fetch the artifact of a "
        "Windows run, or set platform_tag to Linux's"
    )


def test_a_linux_program_is_told() -> None:
    told = misplaced("bin/rocminfo", None, elf(machine=AARCH64, interpreter=True))

    assert told is not None
    assert told.startswith("bin/rocminfo: is a Linux program for AArch64, ")


def test_a_dll_that_is_none_is_told() -> None:
    assert misplaced("bin/hip.DLL", None, None) == (
        "bin/hip.DLL: is named like a file for Windows and is none: it has no sound PE header; fetch the artifact again"
    )


def test_a_program_with_the_name_of_a_dll_is_told() -> None:
    assert misplaced("bin/hip.dll", pe(library=False), None) == (
        "bin/hip.dll: is named .dll, and its header says that it is a program"
    )
    assert misplaced("bin/hip.exe", pe(), None) == "bin/hip.exe: is named .exe, and its header says that it is a DLL"


@pytest.mark.parametrize(
    ("path", "facts"),
    [
        ("bin/Kernels.hsaco", elf(machine=AMDGPU)),
        ("lib/x.o", elf(type=1)),
        ("share/readme.txt", None),
        ("bin/x.exe.config", None),
    ],
    ids=["code for a GPU", "object file", "text", "another ending"],
)
def test_what_belongs_there(path: str, facts: ElfFacts | None) -> None:
    assert misplaced(path, None, facts) is None


def test_a_dll_and_a_program_belong_there() -> None:
    assert misplaced("bin/hip.dll", pe(), None) is None
    assert misplaced("bin/hip.exe", pe(library=False), None) is None
