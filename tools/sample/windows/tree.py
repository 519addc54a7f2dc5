"""Every path of the sample for Windows, by layout, compiled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.sample.embedded.nodes import Bytes, text
from tools.sample.embedded.nodes import Node as Written
from tools.sample.windows import ARTIFACTS
from tools.sample.windows.binaries import Dll, Program
from tools.sample.windows.compiler import Made, compile_all
from tools.sample.windows.family import device_nodes, family_nodes
from tools.sample.windows.generic import ODD, generic_nodes
from tools.sample.windows.nodes import ImportLibrary, Node

_TEXTS = Path(__file__).with_name("texts")  # <artifact>_<component>/<base dir>/<path>

_SYSTEM_LIBRARIES = ("bzip2", "sqlite3", "zlib", "zstd")
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


def sample_nodes(layout: str) -> dict[str, Written]:
    """Return the paths of all artifacts of ``layout``, below the directory that holds the artifacts.

    :raises UserError: when there is no compiler for Windows, or it fails.
    """
    split = layout == "kpack-split"
    families = sorted({artifact.rpartition("_")[2] for artifact in ARTIFACTS[layout]})
    nodes = {family: dict(_made(family, split)) for family in families}
    compiled = compile_all({binary for made in nodes.values() for binary in _binaries(made)})
    tree: dict[str, Written] = {}
    for artifact in ARTIFACTS[layout]:
        part, _, family = artifact.rpartition("_")
        texts = {} if split and family != "generic" else _texts(part)
        mine = {path: node for path, node in nodes[family].items() if path.startswith(f"{part}/")} | texts
        for path, node in sorted(mine.items()):
            tree[f"{artifact}{path.removeprefix(part)}"] = _written(node, compiled)
        base_dirs = "".join(f"{base_dir}\n" for base_dir in _BASE_DIRS[part.partition("_")[0]])
        tree[f"{artifact}/artifact_manifest.txt"] = text(base_dirs)
    return tree


def _made(family: str, split: bool) -> Iterator[tuple[str, Node]]:
    """Yield ``<artifact>_<component>/<base dir>/<path>`` and node of all that ``family`` has, texts apart."""
    if family == "generic":
        yield from generic_nodes(split)
        yield from family_nodes(family) if split else ()
    else:
        yield from device_nodes(family) if split else family_nodes(family)


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


def _texts(part: str) -> dict[str, Node]:
    files = (path for path in sorted((_TEXTS / part).rglob("*")) if path.is_file())
    return {path.relative_to(_TEXTS).as_posix(): Bytes(path.read_bytes()) for path in files}
