"""What a devel tree looks like, for comparison."""

from __future__ import annotations

import os
from pathlib import Path

from tests.support import small_rocm
from tests.support.small_rocm import FAMILY

ROOT = small_rocm.devel_root(FAMILY)

LINKS = {
    "bin/hipcc": "real ../_rocm_sdk_core/bin/hipcc",
    "bin/rocminfo": "real ../_rocm_sdk_core/bin/rocminfo",
    "include/hip/hip_runtime.h": "../../../_rocm_sdk_core/include/hip/hip_runtime.h",
    "lib/libamdhip64.so": "libamdhip64.so.7",
    "lib/libamdhip64.so.7": "../../_rocm_sdk_core/lib/libamdhip64.so.7",
    "lib/libhipblas.so": "libhipblas.so.3",
    "lib/libhipblas.so.3": "../../_rocm_sdk_libraries_gfx94X_dcgpu/lib/libhipblas.so.3",
    "lib/llvm/bin/amdclang++": "real ../_rocm_sdk_core/lib/llvm/bin/amdclang++",
    "lib64": "lib",
    "share/hip": "../../_rocm_sdk_core/share/hip",
}
MEMBERS = {
    "__init__.py": "real ../_rocm_sdk_core/__init__.py",  # the wheel's own; its bytes are the same everywhere
    "include/hipblas/hipblas.h": "file",
    f"{ROOT[1:]}.links.json": "file",
    f"{ROOT[1:]}.package.json": "file",
}
COMPLETE = LINKS | MEMBERS | {".rocm-sdk/journal.json": "file", ".rocm-sdk/stamp": "file"}


def listing(site: Path, root: str = ROOT) -> dict[str, str]:
    """Path -> what a symlink holds, the file of core that a real file is the same as, or "file"."""
    found = {}
    for directory, names, files in os.walk(site / root):
        if directory.endswith("__pycache__"):  # of __init__.py; the installer's
            continue
        links = [name for name in names if (Path(directory) / name).is_symlink()]
        for name in [*links, *files]:
            path = Path(directory) / name
            relative = path.relative_to(site / root).as_posix()
            found[relative] = _described(site, path, relative)
    return found


def everything(site: Path) -> set[str]:
    """Every path below ``site``, directories included."""
    return {path.relative_to(site).as_posix() for path in site.rglob("*")}


def _described(site: Path, path: Path, relative: str) -> str:
    if path.is_symlink():
        return str(path.readlink())
    core = site / "_rocm_sdk_core" / relative
    if core.is_file() and core.read_bytes() == path.read_bytes() and core.stat().st_mode == path.stat().st_mode:
        return f"real ../_rocm_sdk_core/{relative}"
    return "file"
