"""Linux: ELF files, found by SONAME and DT_RPATH (gABI chapter 5; ld.so(8))."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from posixpath import basename, dirname

from tools.catalog.model import Entry
from tools.elf.model import ElfFacts
from tools.elf.search import rpath_for
from tools.platform.model import LinkForm

_I386, _AMDGPU = 3, 224  # e_machine (ELF specification; LLVM, AMDGPUUsage)
CLASSIFIERS = ("Operating System :: POSIX :: Linux",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Linux:
    """Linux with glibc on one machine; what each method is for says tools.platform.model."""

    tag: str
    machine: int  # e_machine of its programs and libraries
    classifiers: tuple[str, ...] = CLASSIFIERS
    links_directories: bool = True
    has_stubs: bool = True

    def is_program(self, entry: Entry) -> bool:
        """An ELF program, or a script with an exec bit."""
        return bool(entry.mode & 0o111) and (entry.script or (entry.elf is not None and entry.elf.is_program))

    def mode(self, path: str, entry: Entry) -> int:
        """As the artifact has it."""
        return entry.mode

    def is_loaded(self, facts: ElfFacts) -> bool:
        """Not code of GPUs, i386, or static programs, for which nothing is searched."""
        static = facts.type == 3 and facts.pie and not facts.interpreter
        return _has_loader(facts) and (facts.machine, facts.bits) == (self.machine, 64) and not static

    def is_foreign(self, facts: ElfFacts) -> bool:
        """Not code of GPUs, which the runtime loads, and i386, for which x86-64 systems may have a loader."""
        return _has_loader(facts) and facts.machine not in {self.machine, _I386, _AMDGPU}

    def library_name(self, entry: Entry) -> str:
        """The SONAME."""
        elf = entry.elf
        if elf is None or elf.machine != self.machine or not elf.is_library or "/" in (elf.soname or ""):
            return ""
        return elf.soname or ""

    def link_form(self, path: str, name: str, target: Entry, *, opened: bool) -> LinkForm:
        """A library has one file a directory, under its SONAME; a program needs to know by which name it was started.

        In another directory than its target's, the SONAME is a copy: loaders that search there find no link.
        """
        soname = self.library_name(target)
        if not soname:
            return "stub" if self.is_program(target) else "copy"
        if dirname(path) == dirname(name):
            return "forwarder" if opened else "name"
        return "copy" if basename(path) == soname else "name"

    def search_path(self, facts: ElfFacts, directory: str, places: Iterable[tuple[str, str]]) -> str | None:
        """DT_RPATH, never DT_RUNPATH, which LD_LIBRARY_PATH overrides."""
        if not self.is_loaded(facts):
            return None
        wanted = rpath_for(facts, directory, places)
        return None if facts.runpath is None and wanted == (facts.rpath or "") else wanted

    def script_name(self, program: str) -> str:
        """The program's own name."""
        return program

    def script_program(self, path: str) -> str:
        """The path as it is."""
        return path


def _has_loader(facts: ElfFacts) -> bool:
    """Say whether a loader of some machine maps the file: ET_EXEC or ET_DYN with a dynamic section."""
    return facts.dynamic and facts.type in {2, 3}
