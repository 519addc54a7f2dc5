"""Opaque device code: AMDGPU code objects with a true ELF header, kernel archives and databases.

Nothing here runs on a GPU; tools must treat it as data although it looks like shared libraries.
"""

from __future__ import annotations

import hashlib
import struct

# LLVM, User Guide for AMDGPU Backend, tables "ELF header" and "EF_AMDGPU_MACH".
_ELFOSABI_AMDGPU_HSA = 64
_ABI_VERSION_V5 = 3
_ET_DYN = 3
_EM_AMDGPU = 224
_MACHINES = {"gfx942": 0x4C, "gfx950": 0x4F, "gfx1100": 0x41, "gfx1200": 0x48, "gfx1201": 0x4E}
_XNACK_ANY, _XNACK_ON = 0x100, 0x300
_HEADER, _PROGRAM_HEADER = 64, 56  # bytes (gABI chapter 4, Elf64_Ehdr and Elf64_Phdr)


def code_object(target: str, kernel: str) -> bytes:
    """Return a shared object for the GPU ``target`` ("gfx950:xnack+") with the bytes of a ``kernel``."""
    strings = b"\0" + f"{kernel}.{target}".encode() + b"\0"
    text = opaque(f"{target} {kernel}", 512)
    start = _HEADER + 2 * _PROGRAM_HEADER
    dynamic_start = start + len(strings) + len(text)
    dynamic_start += -dynamic_start % 8
    # DT_SONAME, DT_STRTAB, DT_STRSZ, DT_NULL
    dynamic = struct.pack("<8Q", 14, 1, 5, start, 10, len(strings), 0, 0)
    size = dynamic_start + len(dynamic)
    headers = _segment(1, 5, 0, size, 0x1000) + _segment(2, 4, dynamic_start, len(dynamic), 8)
    body = (_elf_header(target) + headers + strings + text).ljust(dynamic_start, b"\0")
    return body + dynamic


def opaque(seed: str, size: int) -> bytes:
    """Return ``size`` bytes that do not compress and differ with ``seed``."""
    return hashlib.shake_256(seed.encode()).digest(size)


def kernel_archive(artifact: str) -> bytes:
    """Return what stands for ``<artifact>.kpack``: ROCm's magic, then bytes that do not compress."""
    return b"KPAK" + struct.pack("<I", 1) + opaque(f"kpack {artifact}", 6000)


def database(target: str, name: str) -> bytes:
    """Return what stands for a kernel database (Tensile's .dat, MIOpen's .kdb) of one target."""
    rows = "".join(f"{name} {target} solution {number} tile {number % 17}x{number % 13}\n" for number in range(200))
    return rows.encode()


def _elf_header(target: str) -> bytes:
    processor, _, features = target.partition(":")
    flags = _MACHINES[processor] | (_XNACK_ON if features == "xnack+" else _XNACK_ANY)
    identity = b"\x7fELF" + bytes([2, 1, 1, _ELFOSABI_AMDGPU_HSA, _ABI_VERSION_V5]).ljust(12, b"\0")
    return identity + struct.pack(
        "<HHIQQQIHHHHHH", _ET_DYN, _EM_AMDGPU, 1, 0, _HEADER, 0, flags, _HEADER, _PROGRAM_HEADER, 2, 64, 0, 0
    )


def _segment(kind: int, flags: int, offset: int, size: int, align: int) -> bytes:
    return struct.pack("<IIQQQQQQ", kind, flags, offset, offset, offset, size, size, align)
