"""The artifacts that serve any GPU, texts apart: compiled, linked or made for one version."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tools.sample.embedded import VERSION, binaries
from tools.sample.embedded.code_object import opaque
from tools.sample.embedded.nodes import Bytes, HardLink, Link, Node, chain, text

Rows = Iterator[tuple[str, Node]]

_COMMIT = "0123456789abcdef0123456789abcdef01234567"
_SUBMODULES = ("rocm-libraries", "rocm-systems", "llvm-project")
_MULTI_CALL = ("amdclang", "amdclang++", "amdclang-cl", "amdclang-cpp", "amdflang", "amdlld")


def generic_nodes(split: bool) -> Rows:
    """Yield ``<artifact>_<component>/<base dir>/<path>`` and node; the manifest tells which layout it is."""
    yield from _base(split)
    yield from _compiler()
    yield from _runtime()
    yield from _system_libraries()
    yield from _profilers()
    yield from _neural_networks()


def _base(split: bool) -> Rows:
    overlay = "base_lib/base/aux-overlay/stage"
    yield f"{overlay}/.info/version", text(f"{VERSION}\n")
    yield f"{overlay}/share/therock/therock_manifest.json", text(_manifest(split))
    yield (
        f"{overlay}/share/therock/dist_info.json",
        text(json.dumps({"dist_amdgpu_targets": _targets(split)}) + "\n"),
    )
    for name in (*_MULTI_CALL, "amdllvm"):
        yield f"{overlay}/bin/{name}", Link(f"../lib/llvm/bin/{name}")
    yield f"{overlay}/llvm", Link("lib/llvm")  # directory links, into another artifact
    yield f"{overlay}/amdgcn", Link("lib/llvm/amdgcn")
    yield f"{overlay}/lib64", Link("lib")
    smi = "base/rocm_smi_lib/stage"
    yield f"base_lib/{smi}/lib/librocm_smi64.so.7.8.0", binaries.ROCM_SMI
    for name in ("librocm_smi64.so.7", "librocm_smi64.so"):  # an archive that was unpacked without links
        yield f"base_lib/{smi}/lib/{name}", HardLink(f"{smi}/lib/librocm_smi64.so.7.8.0")
    yield f"base_run/{smi}/bin/rocm-smi", Link("../libexec/rocm_smi/rocm_smi.py")
    parts = zip(("MAJOR", "MINOR", "PATCH"), VERSION.split("."), strict=True)
    version = "".join(f"#define ROCM_VERSION_{part} {number}\n" for part, number in parts)
    yield "base_dev/base/rocm-core/stage/include/rocm-core/rocm_version.h", text(version, mode=0o444)


def _manifest(split: bool) -> str:
    submodules = [
        {
            "submodule_name": name,
            "submodule_path": name,
            "submodule_url": f"https://github.com/ROCm/{name}.git",
            "pin_sha": _COMMIT[number:] + _COMMIT[:number],
            "patches": [],
        }
        for number, name in enumerate(_SUBMODULES)
    ]
    manifest = {
        "the_rock_commit": _COMMIT,
        "rocm_version": VERSION,
        "flags": {"KPACK_SPLIT_ARTIFACTS": split},
        "submodules": submodules,
    }
    return json.dumps(manifest, indent=2) + "\n"


def _targets(split: bool) -> str:
    return "gfx942;gfx950;gfx1201" if split else "gfx942;gfx1200;gfx1201"


def _compiler() -> Rows:
    llvm = "compiler/amd-llvm/stage/lib/llvm"
    yield from chain("amd-llvm_lib/compiler/amd-comgr/stage/lib", binaries.COMGR, "3.0.0")
    yield f"amd-llvm_lib/{llvm}/lib/libLLVM.so.19.0git", binaries.LLVM
    yield f"amd-llvm_lib/{llvm}/lib/libLLVM.so", Link("libLLVM.so.19.0git")
    yield f"amd-llvm_lib/{llvm}/lib/libomp.so", binaries.OPENMP
    yield f"amd-llvm_lib/{llvm}/lib/clang/19/lib/linux/libclang_rt.asan-i386.so", binaries.SANITIZER
    yield f"amd-llvm_lib/{llvm}/amdgcn/bitcode/ocml.bc", Bytes(b"BC\xc0\xde" + opaque("ocml", 2000))
    bin_ = f"amd-llvm_run/{llvm}/bin"
    yield f"{bin_}/clang-19", binaries.program("clang-19", binaries.LLVM, rpath="$ORIGIN/../lib")
    for name, target in (("clang", "clang-19"), ("clang++", "clang"), ("clang-cpp", "clang")):
        yield f"{bin_}/{name}", Link(target)
    yield f"{bin_}/amdllvm", binaries.program("amdllvm", binaries.LLVM, runpath="$ORIGIN/../lib")
    for name in _MULTI_CALL:
        yield f"{bin_}/{name}", Link("amdllvm")
    yield f"{bin_}/amdgpu-arch", binaries.freestanding("amdgpu-arch")
    yield f"{bin_}/offload-arch", Link("amdgpu-arch")
    yield f"amd-llvm_dev/{llvm}/lib/libLLVMSupport.a", binaries.archive("libLLVMSupport.a")


def _runtime() -> Rows:
    hip = "core/clr/stage"
    yield from chain(f"core-hip_lib/{hip}/lib", binaries.HIP, "7.0.0")
    yield from chain(f"core-hip_lib/{hip}/lib", binaries.HIPRTC, "7.0.0")
    yield from chain(f"core-hip_lib/{hip}/lib", binaries.HIPRTC_BUILTINS, "7.0.0")
    yield f"core-hip_dev/{hip}/bin/.hipVersion", text(f"HIP_VERSION={VERSION}\n")
    yield (
        f"core-hip_dev/{hip}/include/hip/hip_version.h",
        text(f'#define HIP_VERSION_TEXT "{VERSION}"\n', mode=0o444),
    )
    yield f"core-hip_dbg/{hip}/lib/libamdhip64.so.7.0.0.debug", binaries.debug("libamdhip64.so.7.0.0.debug")
    yield from chain("core-kpack_lib/core/rocm-kpack/stage/lib", binaries.KPACK, "0.1.0")
    yield from chain("core-runtime_lib/core/ROCR-Runtime/stage/lib", binaries.HSA, "1.18.0")
    info = binaries.program("rocminfo", binaries.HSA, runpath="$ORIGIN/../lib:$ORIGIN/../lib/rocm_sysdeps/lib")
    yield "core-runtime_run/core/rocminfo/stage/bin/rocminfo", info
    yield from chain("core-amdsmi_lib/core/amdsmi/stage/lib", binaries.AMD_SMI, "26.0.0")
    yield "core-amdsmi_run/core/amdsmi/stage/bin/amd-smi", Link("../libexec/amdsmi_cli/amdsmi_cli.py")


def _system_libraries() -> Rows:
    for name, library in (
        ("elfutils", binaries.ELF_DEPENDENCY),
        ("liblzma", binaries.LZMA),
        ("zlib", binaries.ZLIB),
    ):
        folder = f"third-party/sysdeps/linux/{name}/build/stage/lib/rocm_sysdeps/lib"
        yield f"sysdeps_lib/{folder}/{library.name}", library
        alias = library.name.partition(".so")[0].replace("librocm_sysdeps_", "lib").replace("liblib", "lib")
        yield f"sysdeps_dev/{folder}/{alias}.so", Link(library.name)
    math = "third-party/host-blas/stage/lib/host-math/lib"
    yield f"host-blas_lib/{math}/librocm-openblas.so.0", binaries.OPENBLAS
    yield f"host-blas_dev/{math}/librocm-openblas.so", Link("librocm-openblas.so.0")
    flatbuffers = "flatbuffers_dev/third-party/flatbuffers/stage/lib"
    yield f"{flatbuffers}/libflatbuffers.a", binaries.archive("libflatbuffers.a")


def _profilers() -> Rows:
    aql = "aqlprofile_lib/profiler/aqlprofile/stage/lib"  # no file and no link is called like its SONAME
    yield f"{aql}/libhsa-amd-aqlprofile64.so.1.0.0", binaries.AQLPROFILE
    yield f"{aql}/libhsa-amd-aqlprofile64.so", Link("libhsa-amd-aqlprofile64.so.1.0.0")
    sdk = "rocprofiler-sdk_lib/profiler/rocprofiler-sdk/stage/lib"
    yield from chain(sdk, binaries.PROFILER, "1.1.0")
    yield from chain(sdk, binaries.PROFILER_ROCTX, "1.1.0")
    yield from chain(f"{sdk}/rocprofiler-sdk", binaries.PROFILER_TOOL, "1.1.0")
    tracer = "rocprofiler-sdk_lib/profiler/roctracer/stage/lib"
    yield from chain(tracer, binaries.ROCTRACER, "4.1.0")
    yield from chain(tracer, binaries.ROCTX, "4.1.0")
    systems = "profiler/rocprofiler-systems/stage"
    yield from chain(f"rocprofiler-systems_lib/{systems}/lib", binaries.SYSTEMS, "1.1.0")
    yield from chain(f"rocprofiler-systems_lib/{systems}/lib", binaries.SYSTEMS_USER, "1.1.0")
    yield from chain(f"rocprofiler-systems_lib/{systems}/lib", binaries.PROFILER_HUB, "1.0.0")
    for name in ("rocprof-sys-avail", "rocprof-sys-run"):
        program = binaries.program(name, binaries.SYSTEMS, rpath="$ORIGIN/../lib")
        yield f"rocprofiler-systems_run/{systems}/bin/{name}", program
    compute = "rocprofiler-compute_run/profiler/rocprofiler-compute/stage"
    yield f"{compute}/bin/rocprof-compute", Link("../libexec/rocprofiler-compute/rocprof-compute")


def _neural_networks() -> Rows:
    yield from chain("hipdnn_lib/ml-libs/hipDNN/stage/lib", binaries.HIPDNN, "0.1.0")
    # A generic plugin that needs a library of the family it is installed with.
    miopen = binaries.library("libMIOpen.so.1")
    plugin = binaries.library("libmiopen_plugin.so", binaries.HIPDNN, miopen, runpath="$ORIGIN/../..")
    engines = "miopenprovider_lib/ml-libs/miopenprovider/stage/lib/hipdnn_plugins/engines"
    yield f"{engines}/libmiopen_plugin.so", plugin
