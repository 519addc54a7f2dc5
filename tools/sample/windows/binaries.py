"""The DLLs and programs of the sample, and who needs whom.

Each DLL exports ``NAME_number()``, its own, and ``NAME_total()``: that and the totals of what it needs. So a caller
learns which DLLs were really loaded. What it loads at run time by a name alone is part of the total, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

GENERIC = 1  # number of every DLL that does not belong to a family
_SOURCES = Path(__file__).with_name("sources")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dll:
    """A DLL that the compiler makes, with the import library that others are linked with."""

    name: str  # "amdhip64_7.dll"
    needs: tuple[Dll, ...] = ()  # in its import table
    loads: tuple[str, ...] = ()  # names of DLLs that it opens at run time
    number: int = GENERIC

    @property
    def source(self) -> str:
        """Return its C code."""
        stem = symbol(self.name)
        totals = [f"{symbol(need.name)}_total" for need in self.needs]
        loads = [f'total_of("{name}", "{symbol(name)}_total")' for name in self.loads]
        calls = " + ".join([str(self.number), *(f"{total}()" for total in totals), *loads])
        lines = [
            *(f"__declspec(dllimport) int {total}(void);" for total in totals),
            *([_text("load")] if loads else []),
            _text("dll"),
            f"__declspec(dllexport) int {stem}_number(void) {{ return {self.number}; }}",
            f"__declspec(dllexport) int {stem}_total(void) {{ return {calls}; }}",
        ]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program that says who it is, how it was called, and what the DLLs it needs add up to."""

    name: str  # "hipInfo.exe"
    needs: tuple[Dll, ...] = ()

    @property
    def source(self) -> str:
        """Return its C code."""
        totals = [f"{symbol(need.name)}_total" for need in self.needs]
        lines = [
            *(f"__declspec(dllimport) int {total}(void);" for total in totals),
            f'#define NAME "{self.name}"',
            f"#define TOTAL ({' + '.join(['0', *(f'{total}()' for total in totals)])})",
            _text("program"),
        ]
        return "\n".join(lines)


def symbol(name: str) -> str:
    """Return the C identifier for a file name: ``hiprtc-builtins0715.dll`` is ``hiprtc_builtins0715``."""
    return re.sub(r"\W", "_", name.removesuffix(".dll"))


@cache
def _text(name: str) -> str:
    return (_SOURCES / f"{name}.c").read_text(encoding="utf-8")


COMGR = Dll(name="amd_comgr.dll")
KPACK = Dll(name="rocm_kpack.dll")
HIP = Dll(name="amdhip64_7.dll", needs=(KPACK,), loads=(COMGR.name,))
HIPRTC_BUILTINS = Dll(name="hiprtc-builtins0715.dll")
HIPRTC = Dll(name="hiprtc0715.dll", loads=(COMGR.name, HIPRTC_BUILTINS.name))
OPENCL = Dll(name="amdocl64.dll", needs=(KPACK,))
OPENBLAS = Dll(name="rocm-openblas.dll")
SQLITE = Dll(name="sqlite3.dll")
HIPDNN = Dll(name="hipdnn_backend.dll")
