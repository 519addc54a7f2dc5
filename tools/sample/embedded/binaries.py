"""The shared libraries and programs of the sample, and who needs whom.

Each library ``libNAME.so.N`` exports ``NAME_number()``, its own, and ``NAME_total()``: that and the totals of what it
needs. So a caller learns which libraries were really loaded.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal

from tools.sample.embedded.nodes import Binary

GENERIC = 1  # number of every library that does not belong to a family
_SOURCES = Path(__file__).with_name("sources")


def library(
    name: str,
    *needs: Binary,
    number: int = GENERIC,
    rpath: str = "",
    runpath: str = "",
    soname: bool = True,
    libc: bool = False,
    bits: Literal[32, 64] = 64,
) -> Binary:
    """Return the shared library called ``name`` that needs the others."""
    stem = symbol(name)
    totals = [f"{symbol(need.name)}_total" for need in needs]
    calls = " + ".join([str(number), *(f"{total}()" for total in totals)])
    lines = [
        *(f"int {total}(void);" for total in totals),
        f"int {stem}_number(void) {{ return {number}; }}",
        f"int {stem}_total(void) {{ return {calls}; }}",
    ]
    if libc:
        lines += ["char *getenv(const char *);", f'char *{stem}_setting(void) {{ return getenv("{stem}"); }}']
    return Binary(
        name=name,
        source="\n".join(lines) + "\n",
        kind="library",
        needs=needs,
        rpath=rpath,
        runpath=runpath,
        soname=soname,
        libc=libc,
        bits=bits,
    )


def program(name: str, *needs: Binary, rpath: str = "", runpath: str = "") -> Binary:
    """Return a program that says who it is and what the totals of the libraries it needs add up to."""
    totals = [f"{symbol(need.name)}_total" for need in needs]
    lines = [
        *(f"int {total}(void);" for total in totals),
        f'#define NAME "{name}"',
        f"#define TOTAL ({' + '.join(f'{total}()' for total in totals)})",
        _source("total"),
    ]
    return Binary(
        name=name,
        source="\n".join(lines),
        kind="program",
        needs=needs,
        rpath=rpath,
        runpath=runpath,
    )


def freestanding(name: str) -> Binary:
    """Return a static program without libc that does nothing and succeeds."""
    return Binary(name=name, source=_source("freestanding"), kind="freestanding")


def archive(name: str, *, number: int = GENERIC) -> Binary:
    """Return the static library called ``name``."""
    stem = symbol(name)
    return Binary(name=name, source=f"int {stem}_number(void) {{ return {number}; }}\n", kind="archive")


def debug(name: str) -> Binary:
    """Return the debug information of a library, split off as ``objcopy --only-keep-debug`` does."""
    return Binary(name=name, source=f"int {symbol(name)}_number(void) {{ return {GENERIC}; }}\n", kind="debug")


def symbol(name: str) -> str:
    """Return the C identifier for a library's file name: ``librocm-openblas.so.0`` is ``rocm_openblas``."""
    return re.sub(r"\W", "_", name.partition(".")[0].removeprefix("lib"))


@cache
def _source(name: str) -> str:
    return (_SOURCES / f"{name}.c").read_text(encoding="utf-8")


ELF_DEPENDENCY = library("librocm_sysdeps_elf.so.1")
ZLIB = library("librocm_sysdeps_z.so.1")
LZMA = library("librocm_sysdeps_liblzma.so.5", ZLIB, rpath="$ORIGIN")
OPENBLAS = library("librocm-openblas.so.0")
LLVM = library(
    "libLLVM.so.19.0git",
    ZLIB,
    rpath="$ORIGIN:$ORIGIN/../../rocm_sysdeps/lib:/build/compiler/amd-llvm/build/lib",
)
OPENMP = library("libomp.so")
SANITIZER = library("libclang_rt.asan-i386.so", bits=32)
COMGR = library("libamd_comgr.so.3", LLVM, rpath="$ORIGIN/llvm/lib")
KPACK = library("librocm_kpack.so.0")
HSA = library("libhsa-runtime64.so.1", ELF_DEPENDENCY, rpath="$ORIGIN/rocm_sysdeps/lib", libc=True)
AQLPROFILE = library("libhsa-amd-aqlprofile64.so.1", HSA, rpath="$ORIGIN")
ROCM_SMI = library("librocm_smi64.so.7", libc=True)
AMD_SMI = library("libamd_smi.so.26", libc=True)
HIP = library("libamdhip64.so.7", HSA, COMGR, rpath="$ORIGIN:/build/core/clr/dist/lib/llvm/lib", libc=True)
HIPRTC_BUILTINS = library("libhiprtc-builtins.so.7")
HIPRTC = library("libhiprtc.so.7", COMGR, HIPRTC_BUILTINS, runpath="$ORIGIN")
ROCTX = library("libroctx64.so.4")
ROCTRACER = library("libroctracer64.so.4", HSA, rpath="$ORIGIN")
PROFILER_ROCTX = library("librocprofiler-sdk-roctx.so.1")
PROFILER = library("librocprofiler-sdk.so.1", HSA, PROFILER_ROCTX, rpath="$ORIGIN")
PROFILER_TOOL = library("librocprofiler-sdk-tool.so.1", PROFILER, rpath="$ORIGIN/..")
PROFILER_HUB = library("libprofiler-hub.so.1")
SYSTEMS = library("librocprof-sys.so.1.1", PROFILER, PROFILER_HUB, rpath="$ORIGIN:$ORIGIN/rocprofiler-systems")
SYSTEMS_USER = library("librocprof-sys-user.so.1.1", SYSTEMS, rpath="$ORIGIN")
HIPDNN = library("libhipdnn_backend.so.0", rpath="$ORIGIN")
