"""The artifacts of one GPU family, and those of one GPU target, texts apart. Kernel data lies below ``bin``."""

from __future__ import annotations

from collections.abc import Iterator

from tools.sample.embedded.code_object import code_object, database, kernel_archive
from tools.sample.embedded.nodes import Bytes, EmptyDirectory, text
from tools.sample.windows.binaries import COMGR, GENERIC, HIP, HIPRTC, OPENBLAS, Dll, Program
from tools.sample.windows.generic import ODD
from tools.sample.windows.nodes import ImportLibrary, Node

Rows = Iterator[tuple[str, Node]]

NUMBERS = {"generic": GENERIC, "gfx110X-all": 110, "gfx120X-all": 120}  # what the DLLs of a family answer
_TARGETS = {"generic": (), "gfx110X-all": ("gfx1100",), "gfx120X-all": ("gfx1200", "gfx1201")}
_ROCBLAS = "math-libs/BLAS/rocBLAS/stage"
_HIPBLAS = "math-libs/BLAS/hipBLAS/stage"
_HIPBLASLT = "math-libs/BLAS/hipBLASLt/stage"
_MIOPEN = "ml-libs/MIOpen/stage"
_TYPES = "B8B8_" * 13  # makes a name about as long as TheRock's longest, which has 112 characters


def family_nodes(family: str) -> Rows:
    """Yield ``<artifact>_<component>/<base dir>/<path>`` and node; of "generic" the host code alone."""
    number = NUMBERS[family]
    rocblas = Dll(name="rocblas.dll", needs=(HIP, OPENBLAS), number=number)
    yield from _blas(rocblas, number)
    yield from _random_and_fourier(number)
    yield from _miopen(rocblas, number)
    yield "prim_dev/math-libs/rocPRIM/stage/include/rocprim/rocprim.hpp", text("#pragma once\n", mode=ODD)
    for target in _TARGETS[family]:
        yield from _databases(target)


def device_nodes(target: str) -> Rows:
    """Yield the same of a GPU target in the kpack-split layout."""
    yield from _databases(target)
    for artifact, base_dir in (("blas", _ROCBLAS), ("miopen", _MIOPEN)):
        name = f"{artifact}_lib_{target}"
        yield f"{artifact}_lib/{base_dir}/.kpack/{name}.kpack", Bytes(kernel_archive(name), ODD)


def _blas(rocblas: Dll, number: int) -> Rows:
    yield from _library("blas", _ROCBLAS, rocblas, "rocblas.lib")
    hipblas = Dll(name="hipblas.dll", needs=(rocblas, HIP), number=number)
    yield from _library("blas", _HIPBLAS, hipblas, "hipblas.lib")
    lt = Dll(name="libhipblaslt.dll", needs=(HIP,), number=number)
    yield from _library("blas", _HIPBLASLT, lt, "libhipblaslt.dll.a")  # rocm-libraries#5322
    yield from _library("blas", _HIPBLASLT, Dll(name="origami.dll", number=number), "origami.lib")
    yield f"blas_test/{_ROCBLAS}/bin/rocblas-test.exe", Program(name="rocblas-test.exe", needs=(rocblas,))


def _random_and_fourier(number: int) -> Rows:
    rocrand = Dll(name="rocrand.dll", needs=(HIP,), number=number)
    rocfft = Dll(name="rocfft.dll", needs=(HIP, HIPRTC), number=number)
    yield from _library("rand", "math-libs/rocRAND/stage", rocrand, "rocrand.lib")
    hiprand = Dll(name="hiprand.dll", needs=(rocrand,), number=number)
    yield from _library("rand", "math-libs/hipRAND/stage", hiprand, "hiprand.lib")
    yield from _library("fft", "math-libs/rocFFT/stage", rocfft, "rocfft.lib")
    hipfft = Dll(name="hipfft.dll", needs=(rocfft, HIP), number=number)
    yield from _library("fft", "math-libs/hipFFT/stage", hipfft, "hipfft.lib")


def _miopen(rocblas: Dll, number: int) -> Rows:
    miopen = Dll(name="MIOpen.dll", needs=(rocblas, HIP), loads=(HIPRTC.name, COMGR.name), number=number)
    yield from _library("miopen", _MIOPEN, miopen, "MIOpen.lib")
    yield f"miopen_run/{_MIOPEN}/bin/MIOpenDriver.exe", Program(name="MIOpenDriver.exe", needs=(miopen,))
    yield f"miopen_lib/{_MIOPEN}/share/miopen/db/user", EmptyDirectory()


def _library(artifact: str, base_dir: str, dll: Dll, import_library: str) -> Rows:
    yield f"{artifact}_lib/{base_dir}/bin/{dll.name}", dll
    yield f"{artifact}_dev/{base_dir}/lib/{import_library}", ImportLibrary(dll)


def _databases(target: str) -> Rows:
    library = f"blas_lib/{_ROCBLAS}/bin/rocblas/library"
    yield f"{library}/TensileLibrary_{target}.dat", Bytes(database(target, "Tensile"), ODD)
    yield f"{library}/Kernels.so-000-{target}.hsaco", Bytes(code_object(target, "Cijk"), ODD)
    lt = f"blas_lib/{_HIPBLASLT}/bin/hipblaslt/library/{target}"
    yield f"{lt}/extop_{target}.co", Bytes(code_object(target, "extop"), ODD)
    yield f"{lt}/TensileLibrary_{_TYPES}HA_Bias_SAV_UA_{target}.dat.zlib", Bytes(database(target, "hipBLASLt"), ODD)
    yield f"miopen_lib/{_MIOPEN}/share/miopen/db/{target}.kdb", Bytes(database(target, "MIOpen"))
