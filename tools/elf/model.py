"""The shape of ELF facts: what a catalog keeps of an ELF file."""

from __future__ import annotations

import msgspec


class ElfFacts(msgspec.Struct, frozen=True, array_like=True, kw_only=True, gc=False):
    """What the planner needs to know of an ELF file (ELF specification, gABI chapter 5; glibc's ld.so(8))."""

    type: int  # e_type: 1 REL, 2 EXEC, 3 DYN
    machine: int  # e_machine: 62 x86-64, 3 i386, 183 AArch64, 224 AMDGPU
    bits: int  # 32 or 64
    interpreter: bool  # has PT_INTERP
    dynamic: bool  # has PT_DYNAMIC
    pie: bool  # DF_1_PIE
    soname: str | None
    needed: tuple[str, ...]  # in the file's order
    rpath: str | None  # DT_RPATH as it stands in the file
    runpath: str | None  # DT_RUNPATH as it stands in the file
    glibc: str | None  # highest GLIBC_x.y version needed, "2.34"

    @property
    def is_program(self) -> bool:
        """Say whether a user can start it: ET_EXEC, or a position-independent program."""
        return self.type == 2 or (self.type == 3 and ((self.interpreter and self.soname is None) or self.pie))

    @property
    def is_library(self) -> bool:
        """Say whether the loader can map it as a shared library."""
        return self.type == 3 and self.dynamic and not self.is_program
