"""Every path of the sample, by layout."""

from __future__ import annotations

from pathlib import Path

from tools.sample.assembled import Parts, assembled
from tools.sample.embedded import ARTIFACTS
from tools.sample.embedded.family import device_nodes, family_nodes
from tools.sample.embedded.generic import generic_nodes
from tools.sample.embedded.nodes import Node

# The base dirs of each artifact; not every component has all of them, and hipBLAS-common none.
_BASE_DIRS = {
    "amd-llvm": ("compiler/amd-comgr/stage", "compiler/amd-llvm/stage", "compiler/hipcc/stage"),
    "aqlprofile": ("profiler/aqlprofile/stage",),
    "base": (
        "base/aux-overlay/stage",
        "base/half/stage",
        "base/rocm-cmake/stage",
        "base/rocm-core/stage",
        "base/rocm_smi_lib/stage",
    ),
    "blas": (
        "math-libs/BLAS/hipBLAS-common/stage",
        "math-libs/BLAS/hipBLAS/stage",
        "math-libs/BLAS/hipBLASLt/stage",
        "math-libs/BLAS/rocBLAS/stage",
    ),
    "core-amdsmi": ("core/amdsmi/stage",),
    "core-hip": ("core/clr/stage",),
    "core-kpack": ("core/rocm-kpack/stage",),
    "core-runtime": ("core/ROCR-Runtime/stage", "core/rocminfo/stage"),
    "fft": ("math-libs/hipFFT/stage", "math-libs/rocFFT/stage"),
    "flatbuffers": ("third-party/flatbuffers/stage",),
    "hipdnn": ("ml-libs/hipDNN/stage",),
    "host-blas": ("third-party/host-blas/stage",),
    "miopen": ("ml-libs/MIOpen/stage",),
    "miopenprovider": ("ml-libs/miopenprovider/stage",),
    "prim": ("math-libs/hipCUB/stage", "math-libs/rocPRIM/stage"),
    "rand": ("math-libs/hipRAND/stage", "math-libs/rocRAND/stage"),
    "rocprofiler-compute": ("profiler/rocprofiler-compute/stage",),
    "rocprofiler-sdk": ("profiler/rocprofiler-sdk/stage", "profiler/roctracer/stage"),
    "rocprofiler-systems": ("profiler/rocprofiler-systems/stage",),
    "sysdeps": tuple(f"third-party/sysdeps/linux/{name}/build/stage" for name in ("elfutils", "liblzma", "zlib")),
}


_PARTS: Parts[Node] = Parts(
    base_dirs=_BASE_DIRS,
    generic=generic_nodes,
    family=family_nodes,
    device=device_nodes,
    texts=Path(__file__).with_name("texts"),
)


def sample_nodes(layout: str) -> dict[str, Node]:
    """Return the paths of all artifacts of ``layout``, below the directory that holds the artifacts."""
    return assembled(ARTIFACTS[layout], layout, _PARTS)
