"""The artifacts of one GPU family, and those of one GPU target, texts apart."""

from __future__ import annotations

from collections.abc import Iterator

from tools.sample.embedded import binaries
from tools.sample.embedded.binaries import GENERIC, HIP, OPENBLAS, ROCTX, library
from tools.sample.embedded.code_object import code_object, database, kernel_archive
from tools.sample.embedded.nodes import Binary, Bytes, EmptyDirectory, Link, Node, chain, text

Rows = Iterator[tuple[str, Node]]

NUMBERS = {
    "generic": GENERIC,
    "gfx94X-dcgpu": 94,
    "gfx120X-all": 120,
}  # what the libraries of a family answer
_TARGETS = {"generic": (), "gfx94X-dcgpu": ("gfx942",), "gfx120X-all": ("gfx1200", "gfx1201")}
_ROCBLAS = "math-libs/BLAS/rocBLAS/stage"
_HIPBLAS = "math-libs/BLAS/hipBLAS/stage"
_HIPBLASLT = "math-libs/BLAS/hipBLASLt/stage"
_MIOPEN = "ml-libs/MIOpen/stage"


def family_nodes(family: str) -> Rows:
    """Yield ``<artifact>_<component>/<base dir>/<path>`` and node; of "generic" the host code alone."""
    number = NUMBERS[family]
    yield from _blas(_rocblas(number), number)
    yield from _random_and_fourier(number)
    yield from _miopen(number)
    for target in _TARGETS[family]:
        yield from _databases(target)


def device_nodes(target: str) -> Rows:
    """Yield the same of a GPU target, "gfx950:xnack+", in the kpack-split layout."""
    plain = target.replace(":", "-")
    yield from _databases(target)
    for artifact, base_dir in (("blas", _ROCBLAS), ("miopen", _MIOPEN)):
        name = f"{artifact}_lib_{target}"
        yield f"{artifact}_lib/{base_dir}/.kpack/{name}.kpack", Bytes(kernel_archive(name))
    kernels = library(
        f"librocblas-kernels-{plain}.so.5", _rocblas(GENERIC), rpath="$ORIGIN/../..", number=number_of(target)
    )
    yield from chain(f"blas_lib/{_ROCBLAS}/lib/rocblas/library", kernels, "5.0.0")


def number_of(target: str) -> int:
    """Return what the libraries of a GPU target answer: 942 for "gfx942", 1950 for "gfx950:xnack+"."""
    processor, _, features = target.removeprefix("gfx").partition(":")
    return int(processor, 16 if processor[-1] in "abcdef" else 10) + (1000 if features else 0)


def _rocblas(number: int) -> Binary:
    rpath = "$ORIGIN:$ORIGIN/host-math/lib:$ORIGIN/rocm_sysdeps/lib:/build/math-libs/BLAS/rocBLAS/dist/lib"
    return library("librocblas.so.5", HIP, OPENBLAS, ROCTX, number=number, rpath=rpath)


def _blas(rocblas: Binary, number: int) -> Rows:
    lib = f"blas_lib/{_ROCBLAS}"
    yield from chain(f"{lib}/lib", rocblas, "5.0.0")
    yield (
        f"{lib}/rocblas/lib/librocblas.so",
        Link("../../lib/librocblas.so.5"),
    )  # an alias in another directory
    plugin = library("librocblas-trace.so", rocblas, number=number, rpath="$ORIGIN/../..")
    yield f"{lib}/lib/rocblas/plugins/librocblas-trace.so", plugin
    yield f"blas_dev/{_ROCBLAS}/rocblas/include", Link("../include/rocblas")  # a directory
    yield (
        f"blas_dev/{_ROCBLAS}/lib/librocblas_static.a",
        binaries.archive("librocblas_static.a", number=number),
    )
    yield (
        f"blas_dev/{_ROCBLAS}/include/rocblas/internal/rocblas-version.h",
        text(f"#define ROCBLAS_BUILT_FOR {number}\n"),
    )
    test = binaries.program("rocblas-test", rocblas, rpath="$ORIGIN/../lib:$ORIGIN/../lib/host-math/lib")
    yield f"blas_test/{_ROCBLAS}/bin/rocblas-test", test

    hipblas = library(
        "libhipblas.so.3", rocblas, HIP, number=number, runpath="$ORIGIN:/build/math-libs/BLAS/hipBLAS/lib"
    )
    yield from chain(f"blas_lib/{_HIPBLAS}/lib", hipblas, "3.0.0")
    yield f"blas_lib/{_HIPBLAS}/lib/libhipblas_fortran.so", Link("libhipblas_fortran.so.3")  # dangling

    lt = f"blas_lib/{_HIPBLASLT}/lib"
    yield from chain(lt, library("libhipblaslt.so.1", HIP, number=number, rpath="$ORIGIN"), "1.0.0")
    yield from chain(lt, library("liborigami.so.1", HIP, number=number), "1.0.0")  # neither RPATH nor RUNPATH
    helper = library("libhipblaslt-helper.so", HIP, number=number, rpath="$ORIGIN/..", soname=False)
    yield f"{lt}/hipblaslt/libhipblaslt-helper.so", helper


def _random_and_fourier(number: int) -> Rows:
    rocrand = library("librocrand.so.1", HIP, number=number, rpath="$ORIGIN")
    hiprand = library("libhiprand.so.1", rocrand, number=number, runpath="$ORIGIN")
    rocfft = library("librocfft.so.0", HIP, number=number, rpath="$ORIGIN:$ORIGIN/rocm_sysdeps/lib")
    hipfft = library("libhipfft.so.0", rocfft, number=number, rpath="$ORIGIN")
    yield from chain("rand_lib/math-libs/rocRAND/stage/lib", rocrand, "1.1.0")
    yield from chain("rand_lib/math-libs/hipRAND/stage/lib", hiprand, "1.1.0")
    yield from chain("fft_lib/math-libs/rocFFT/stage/lib", rocfft, "0.1.0")
    yield from chain("fft_lib/math-libs/hipFFT/stage/lib", hipfft, "0.1.0")


def _miopen(number: int) -> Rows:
    rocblas = _rocblas(number)
    miopen = library("libMIOpen.so.1", rocblas, HIP, ROCTX, number=number, rpath="$ORIGIN:$ORIGIN/host-math/lib")
    yield from chain(f"miopen_lib/{_MIOPEN}/lib", miopen, "1.0.0")
    driver = binaries.program("MIOpenDriver", miopen, runpath="$ORIGIN/../lib")
    yield f"miopen_run/{_MIOPEN}/bin/MIOpenDriver", driver
    yield f"miopen_lib/{_MIOPEN}/share/miopen/db/user", EmptyDirectory()


def _databases(target: str) -> Rows:
    plain = target.replace(":", "-")
    library_ = f"blas_lib/{_ROCBLAS}/lib/rocblas/library"
    yield f"{library_}/TensileLibrary_{plain}.dat", Bytes(database(target, "Tensile"))
    yield f"{library_}/Kernels.so-000-{plain}.hsaco", Bytes(code_object(target, "Cijk"))
    yield f"blas_lib/{_HIPBLASLT}/lib/hipblaslt/library/extop_{plain}.co", Bytes(code_object(target, "extop"))
    yield f"miopen_lib/{_MIOPEN}/share/miopen/db/{plain}.kdb", Bytes(database(target, "MIOpen"))
