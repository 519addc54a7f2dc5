"""Facts of ELF files that nobody compiled."""

from __future__ import annotations

from tools.elf.model import ElfFacts

X86_64, AARCH64, AMDGPU = 62, 183, 224  # e_machine (ELF specification)


def elf(soname: str | None = None, *needed: str, rpath: str | None = None, **facts: object) -> ElfFacts:
    """Return the facts of an x86-64 shared library that needs others, with the given ones; an empty RPATH is none."""
    defaults: dict[str, object] = {
        "type": 3,
        "machine": X86_64,
        "bits": 64,
        "interpreter": False,
        "dynamic": True,
        "pie": False,
        "soname": soname,
        "needed": needed,
        "rpath": rpath or None,
        "runpath": None,
        "glibc": None,
    }
    return ElfFacts(**{**defaults, **facts})  # type: ignore[arg-type]
