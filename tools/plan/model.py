"""The shape of a plan: everything that goes into one wheel, down to the byte."""

from __future__ import annotations

from typing import Literal

import msgspec


class Member(msgspec.Struct, frozen=True, array_like=True, kw_only=True, gc=False):
    """One file of a wheel.

    ``copy``: the source as it is. ``rpath``: the source with its RPATH set to ``argument``. ``stub``: a program that
    runs the relative path ``argument``. ``forwarder``: a library named like the path's last part that needs
    ``argument``. ``text``: the UTF-8 bytes of ``argument``. As it stands in a plan:

    ["_rocm_sdk_libraries_gfx94X_dcgpu/lib/librocblas.so.5", "rpath", 493,
     "blas_lib_gfx94X-dcgpu/math-libs/BLAS/rocBLAS/stage/lib/librocblas.so.5.0.0", 13600, "d455f371...", 2055665029,
     "$ORIGIN:$ORIGIN/../../_rocm_sdk_core/lib"]
    """

    path: str  # in the wheel
    kind: Literal["copy", "rpath", "stub", "forwarder", "text"]
    mode: int  # 0o644 or 0o755
    source: str = ""  # "<artifact>/<base dir>/<path>", wherever the artifact is; for copy and rpath
    size: int = 0  # bytes of the source
    sha256: str = ""  # hex, of the source
    crc32: int = 0  # of the source
    argument: str = ""


class WheelPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One wheel: its names and its members, in order of their paths. RECORD alone is left to the writer.

    {"package": "libraries", "family": "gfx94X-dcgpu", "distribution": "rocm-sdk-libraries-gfx94X-dcgpu",
     "version": "10.1.0", "filename": "rocm_sdk_libraries_gfx94x_dcgpu-10.1.0-py3-none-linux_x86_64.whl",
     "dist_info": "rocm_sdk_libraries_gfx94x_dcgpu-10.1.0.dist-info",
     "members": [["_rocm_sdk_libraries_gfx94X_dcgpu/lib/librocblas.so", "forwarder", 420, "", 0, "", 0,
                  "librocblas.so.5"]]}
    """

    package: str
    family: str  # "generic", "gfx94X-dcgpu", "gfx942"
    distribution: str
    version: str
    filename: str  # in the normal form of PEP 427
    dist_info: str
    members: tuple[Member, ...]  # METADATA, WHEEL, entry_points.txt and licences among them


class LeftOut(msgspec.Struct, frozen=True, array_like=True, kw_only=True, gc=False):
    """A path that no wheel of the family ships, and why."""

    artifact: str
    path: str
    reason: str


class FamilyReport(msgspec.Struct, frozen=True, kw_only=True):
    """What planning a family decided besides its wheels."""

    family: str
    left_out: tuple[LeftOut, ...]  # in order of (artifact, path, reason)
    notes: tuple[str, ...]  # sentences for the user: a package with no artifacts, problems where not strict
    unused: tuple[str, ...] = ()  # sentences "PACKAGE: ...": what its spec names and no artifact has
