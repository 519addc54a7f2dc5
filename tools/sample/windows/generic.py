"""The artifacts that serve any GPU, texts apart. Names and places: TheRock's artifact descriptors for Windows."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tools.sample.embedded import VERSION
from tools.sample.embedded.code_object import opaque
from tools.sample.embedded.nodes import Bytes, HardLink, text
from tools.sample.windows import binaries
from tools.sample.windows.binaries import Dll, Program
from tools.sample.windows.nodes import ImportLibrary, Node

Rows = Iterator[tuple[str, Node]]

_COMMIT = "0123456789abcdef0123456789abcdef01234567"
_COMPILERS = ("amdclang", "amdclang++", "amdclang-cl", "amdclang-cpp", "amdlld", "amdllvm")
_CLANG = ("clang", "clang++", "clang-cpp")
ODD = 0o755  # mode of files that are no programs, as archives of Windows files have it


def generic_nodes(split: bool) -> Rows:
    """Yield ``<artifact>_<component>/<base dir>/<path>`` and node; the manifest tells which layout it is."""
    yield from base_nodes(split)
    yield from _compiler()
    yield from _runtime()
    yield from _third_party()
    yield from _neural_networks()


def base_nodes(split: bool) -> Rows:
    """Yield what tells version and layout."""
    overlay = "base_lib/base/aux-overlay/stage"
    yield f"{overlay}/.info/version", text(f"{VERSION}\n")
    manifest = {
        "the_rock_commit": _COMMIT,
        "rocm_version": VERSION,
        "flags": {"KPACK_SPLIT_ARTIFACTS": split},
        "submodules": [],
    }
    yield f"{overlay}/share/therock/therock_manifest.json", text(json.dumps(manifest, indent=2) + "\n")
    targets = "gfx1100;gfx1201" if split else "gfx1100;gfx1200;gfx1201"
    info = json.dumps({"dist_amdgpu_targets": targets}) + "\n"
    yield f"{overlay}/share/therock/dist_info.json", text(info)
    parts = zip(("MAJOR", "MINOR", "PATCH"), VERSION.split("."), strict=True)
    version = "".join(f"#define ROCM_VERSION_{part} {number}\n" for part, number in parts)
    yield "base_dev/base/rocm-core/stage/include/rocm-core/rocm_version.h", text(version, mode=ODD)


def _compiler() -> Rows:
    yield "amd-llvm_lib/compiler/amd-comgr/stage/bin/amd_comgr.dll", binaries.COMGR
    yield "amd-llvm_dev/compiler/amd-comgr/stage/lib/amd_comgr.lib", ImportLibrary(binaries.COMGR)
    llvm = "compiler/amd-llvm/stage/lib/llvm"
    yield f"amd-llvm_lib/{llvm}/amdgcn/bitcode/ocml.bc", Bytes(b"BC\xc0\xde" + opaque("ocml", 2000), ODD)
    bin_ = f"amd-llvm_run/{llvm}/bin"
    clang = Program(name="clang-23.exe")
    yield f"{bin_}/clang-23.exe", clang
    for name in _CLANG:  # LLVM copies its programs on Windows instead of linking them
        yield f"{bin_}/{name}.exe", clang
    yield f"{bin_}/clang-cl.exe", HardLink(f"{llvm}/bin/clang-23.exe")  # an archive knows that they are equal
    wrapper = Program(name="amdllvm.exe")
    for name in _COMPILERS:
        yield f"{bin_}/{name}.exe", wrapper
    yield f"{bin_}/offload-arch.exe", Program(name="offload-arch.exe")
    for name in ("hipcc", "hipconfig"):
        yield f"amd-llvm_run/compiler/hipcc/stage/bin/{name}.exe", Program(name=f"{name}.exe")


def _runtime() -> Rows:
    hip = "core/clr/stage"
    for dll in (binaries.HIP, binaries.HIPRTC, binaries.HIPRTC_BUILTINS):
        yield f"core-hip_lib/{hip}/bin/{dll.name}", dll
    yield f"core-hip_run/{hip}/bin/amdhip64_7.pdb", Bytes(b"Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0" + bytes(480))
    yield f"core-hip_dev/{hip}/bin/.hipVersion", text(f"HIP_VERSION={VERSION}\n")
    yield f"core-hip_dev/{hip}/include/hip/hip_version.h", text(f'#define HIP_VERSION_TEXT "{VERSION}"\n')
    yield f"core-hip_dev/{hip}/lib/amdhip64.lib", ImportLibrary(binaries.HIP)
    yield f"core-hip_dev/{hip}/lib/hiprtc.lib", ImportLibrary(binaries.HIPRTC)
    info = Program(name="hipInfo.exe", needs=(binaries.HIP,))
    yield "core-hipinfo_run/core/hipInfo/stage/bin/hipInfo.exe", info
    yield "core-kpack_lib/core/rocm-kpack/stage/bin/rocm_kpack.dll", binaries.KPACK
    yield "core-ocl_lib/core/ocl-clr/stage/bin/amdocl64.dll", binaries.OPENCL


def _third_party() -> Rows:
    sysdeps = "third-party/sysdeps/windows"
    yield f"sysdeps_lib/{sysdeps}/sqlite3/build/stage/bin/sqlite3.dll", binaries.SQLITE
    yield f"sysdeps_dev/{sysdeps}/sqlite3/build/stage/lib/sqlite3.lib", ImportLibrary(binaries.SQLITE)
    yield f"sysdeps_dev/{sysdeps}/bzip2/build/stage/bin/bzip2.exe", Program(name="bzip2.exe")
    yield f"sysdeps_dev/{sysdeps}/zlib/build/stage/include/zlib.h", text("#define ZLIB_VERSION\n", mode=ODD)
    math = "third-party/host-blas/stage"
    yield f"host-blas_lib/{math}/bin/rocm-openblas.dll", binaries.OPENBLAS
    yield f"host-blas_dev/{math}/lib/host-math/lib/rocm-openblas.lib", ImportLibrary(binaries.OPENBLAS)


def _neural_networks() -> Rows:
    hipdnn = "ml-libs/hipDNN/stage"
    yield f"hipdnn_lib/{hipdnn}/bin/hipdnn_backend.dll", binaries.HIPDNN
    test = Dll(name="test_no_optional_heuristic_plugin.dll", needs=(binaries.HIPDNN,))
    yield f"hipdnn_lib/{hipdnn}/bin/test_plugins/custom/{test.name}", test  # TheRock#4853: a test that leaks
    yield f"hipdnn_dev/{hipdnn}/lib/hipdnn_backend.lib", ImportLibrary(binaries.HIPDNN)
    # A generic plugin, two levels below the DLLs it needs, one of them of the family that it is installed with.
    plugin = Dll(name="miopen_plugin.dll", needs=(binaries.HIPDNN, Dll(name="MIOpen.dll")))
    engines = "miopenprovider_lib/ml-libs/miopenprovider/stage/bin/hipdnn_plugins/engines"
    yield f"{engines}/{plugin.name}", plugin
