"""The shape of a receipt: what a finished wheel or sdist is, so that nobody has to open it again."""

from __future__ import annotations

import msgspec


class WrittenMember(msgspec.Struct, frozen=True, array_like=True, kw_only=True, gc=False):
    """Where one member's compressed bytes lie in a wheel and what they were made from. As it stands in a receipt:

    ["_rocm_sdk_libraries_gfx94X_dcgpu/lib/librocblas.so.5", "9f4020b2...-9340d1bb49b83c15", "a877bedc...", 3539193426,
     16879, 971, 82, 8, "ad94043b...", 493]
    """

    path: str
    recipe: str  # of source sha256, transform and its version, compressor and level; equal recipes, equal bytes
    sha256: str  # hex, of the member as installed
    crc32: int  # of the member as installed
    size: int  # bytes as installed
    compressed_size: int  # bytes in the wheel
    offset: int  # of the first compressed byte in the wheel
    method: int  # 0 stored, 8 deflated (APPNOTE 4.4.5)
    digest: str  # hex xxh3_128 of the compressed bytes
    mode: int  # permission bits


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What was built. ``members`` is empty for an sdist.

    {"package": "libraries", "family": "gfx94X-dcgpu", "distribution": "rocm-sdk-libraries-gfx94X-dcgpu",
     "version": "10.1.0", "filename": "rocm_sdk_libraries_gfx94x_dcgpu-10.1.0-py3-none-linux_x86_64.whl",
     "size": 23237, "sha256": "2180e78f...", "requires_python": ">=3.10", "metadata": "Metadata-Version: 2.4...",
     "metadata_sha256": "dbc98117...", "members": []}
    """

    package: str
    family: str
    distribution: str
    version: str
    filename: str
    size: int  # bytes of the file
    sha256: str  # hex, of the file
    requires_python: str
    metadata: str  # METADATA (or PKG-INFO), whole: the PEP 658 side file
    metadata_sha256: str  # hex
    members: tuple[WrittenMember, ...] = ()  # in the order they lie in the wheel
