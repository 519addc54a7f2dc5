"""The shape of a catalog: what one artifact holds, wherever it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

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


class Entry(msgspec.Struct, frozen=True, array_like=True, kw_only=True, gc=False):
    """One path of an artifact."""

    path: str  # POSIX, relative to the base dir
    base: int  # index in Catalog.base_dirs
    kind: Literal["file", "link", "dir"]  # dir: an empty directory
    mode: int = 0  # of a file: 0o755 if anybody may execute it, else 0o644; 0 for links and directories
    size: int = 0  # bytes of a file
    sha256: str = ""  # hex, of a file
    crc32: int = 0  # of a file (zip's CRC-32)
    target: str = ""  # of a link, as stored
    script: bool = False  # a file that begins with "#!"
    elf: ElfFacts | None = None  # of a file that begins with the ELF magic


class Catalog(msgspec.Struct, frozen=True, kw_only=True):
    """What ``artifact`` holds; entries in order of (path, base)."""

    artifact: str
    base_dirs: tuple[str, ...]  # as artifact_manifest.txt lists them; one that does not exist has no entries
    entries: tuple[Entry, ...]
    texts: Mapping[str, str] = {}  # of base_lib_generic alone: what the files of tools.artifact.base hold, by path
