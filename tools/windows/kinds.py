"""Files that have no business in a wheel for Windows: another system's, and what only has the name of a DLL. Pure."""

from __future__ import annotations

from posixpath import splitext

from tools.elf.model import ElfFacts
from tools.pe.model import PeFacts

_HOSTS = {3: "i386", 62: "x86-64", 183: "AArch64"}  # e_machine; code for GPUs is ELF on Windows, too
_ENDINGS = {".dll": True, ".exe": False}  # of names that promise a PE file; whether of a DLL


def misplaced(path: str, pe: PeFacts | None, elf: ElfFacts | None) -> str | None:
    """Return what is wrong with a file that is in an artifact for Windows, as a sentence, or None."""
    if elf is not None and elf.machine in _HOSTS and elf.type in (2, 3):
        kind = "program" if elf.is_program else "library"
        return (
            f"{path}: is a Linux {kind} for {_HOSTS[elf.machine]}, in an artifact for Windows; fetch the artifact of a "
            "Windows run, or set platform_tag to Linux's"
        )
    ending = splitext(path)[1].lower()
    if ending not in _ENDINGS:
        return None
    if pe is None:
        return (
            f"{path}: is named like a file for Windows and is none: it has no sound PE header; fetch the artifact again"
        )
    if pe.library != _ENDINGS[ending]:
        return f"{path}: is named {ending}, and its header says that it is a {'DLL' if pe.library else 'program'}"
    return None
