"""Every path of the sample for Windows, by layout, compiled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.sample.assembled import Parts, assembled
from tools.sample.embedded.nodes import Bytes
from tools.sample.embedded.nodes import Node as Written
from tools.sample.windows import ARTIFACTS
from tools.sample.windows.binaries import Dll, Program
from tools.sample.windows.compiler import Made, compile_all
from tools.sample.windows.family import device_nodes, family_nodes
from tools.sample.windows.generic import ODD, generic_nodes
from tools.sample.windows.nodes import ImportLibrary, Node

# The base dirs of each artifact; not every component has all of them, and some are there on Linux alone.
_BASE_DIRS = {
    "amd-llvm": ("compiler/amd-comgr/stage", "compiler/amd-llvm/stage", "compiler/hipcc/stage"),
    "base": (
        "base/aux-overlay/stage",
        "base/rocm-core/stage",
        "base/rocm_smi_lib/stage",
        "base/rocprofiler-register/stage",
    ),
    "blas": (
        "math-libs/BLAS/hipBLAS-common/stage",
        "math-libs/BLAS/hipBLAS/stage",
        "math-libs/BLAS/hipBLASLt/stage",
        "math-libs/BLAS/rocBLAS/stage",
    ),
    "core-hip": ("core/clr/stage",),
    "core-hipinfo": ("core/hipInfo/stage",),
    "core-kpack": ("core/rocm-kpack/stage",),
    "core-ocl": ("core/ocl-clr/stage",),
    "fft": ("math-libs/hipFFT/stage", "math-libs/rocFFT/stage"),
    "hipdnn": ("ml-libs/hipDNN/stage",),
    "host-blas": ("third-party/host-blas/stage",),
    "miopen": ("ml-libs/MIOpen/stage",),
    "miopenprovider": ("ml-libs/miopenprovider/stage",),
    "prim": ("math-libs/hipCUB/stage", "math-libs/rocPRIM/stage"),
    "rand": ("math-libs/hipRAND/stage", "math-libs/rocRAND/stage"),
    "sysdeps": tuple(
        f"third-party/sysdeps/windows/{name}/build/stage" for name in ("bzip2", "sqlite3", "zlib", "zstd")
    ),
}


_PARTS: Parts[Node] = Parts(
    base_dirs=_BASE_DIRS,
    generic=generic_nodes,
    family=family_nodes,
    device=device_nodes,
    texts=Path(__file__).with_name("texts"),
)


def sample_nodes(layout: str) -> dict[str, Written]:
    """Return the paths of all artifacts of ``layout``, below the directory that holds the artifacts.

    :raises UserError: when there is no compiler for Windows, or it fails.
    """
    tree = assembled(ARTIFACTS[layout], layout, _PARTS)
    compiled = compile_all(set(_binaries(tree)))
    return {path: _written(node, compiled) for path, node in tree.items()}


def _binaries(nodes: Mapping[str, Node]) -> Iterator[Dll | Program]:
    for node in nodes.values():
        match node:
            case Dll() | Program():
                yield node
            case ImportLibrary(dll):
                yield dll


def _written(node: Node, compiled: Mapping[Dll | Program, Made]) -> Written:
    match node:
        case Dll() | Program():
            return Bytes(compiled[node].content, 0o755)
        case ImportLibrary(dll):
            return Bytes(compiled[dll].import_library, ODD)
        case _:
            return node
