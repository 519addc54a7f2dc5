"""Every path of the sample, by layout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tools.sample.embedded import ARTIFACTS
from tools.sample.embedded.family import device_nodes, family_nodes
from tools.sample.embedded.generic import generic_nodes
from tools.sample.embedded.nodes import Bytes, Node, text

_TEXTS = Path(__file__).with_name("texts")  # <artifact>_<component>/<base dir>/<path>; "#!" makes a file executable

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


def sample_nodes(layout: str) -> dict[str, Node]:
    """Return the paths of all artifacts of ``layout``, below the directory that holds the artifacts."""
    split = layout == "kpack-split"
    families = sorted({artifact.rpartition("_")[2] for artifact in ARTIFACTS[layout]})
    made = {family: dict(_made(family, split)) for family in families}
    nodes: dict[str, Node] = {}
    for artifact in ARTIFACTS[layout]:
        part, _, family = artifact.rpartition("_")
        texts = {} if split and family != "generic" else _texts(part)
        mine = {path: node for path, node in made[family].items() if path.startswith(f"{part}/")} | texts
        nodes |= {f"{artifact}{path.removeprefix(part)}": node for path, node in sorted(mine.items())}
        base_dirs = "".join(f"{base_dir}\n" for base_dir in _BASE_DIRS[part.partition("_")[0]])
        nodes[f"{artifact}/artifact_manifest.txt"] = text(base_dirs)
    return nodes


def _made(family: str, split: bool) -> Iterator[tuple[str, Node]]:
    """Yield ``<artifact>_<component>/<base dir>/<path>`` and node of all that ``family`` has, texts apart."""
    if family == "generic":
        yield from generic_nodes(split)
        yield from family_nodes(family) if split else ()
    else:
        yield from device_nodes(family) if split else family_nodes(family)


def _texts(part: str) -> dict[str, Node]:
    files = (path for path in sorted((_TEXTS / part).rglob("*")) if path.is_file())
    return {path.relative_to(_TEXTS).as_posix(): _text(path.read_bytes()) for path in files}


def _text(content: bytes) -> Bytes:
    return Bytes(content, 0o755 if content.startswith(b"#!") else 0o644)
