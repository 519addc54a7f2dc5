"""The embedded sample: a small but true artifact tree, compiled on the machine that builds it.

Whatever is heavier than names is imported on use: ``dodo.py`` reads :data:`ARTIFACTS` whenever doit starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

VERSION = "10.1.0"  # of the ROCm that the sample plays
FAMILIES = ("gfx120X-all", "gfx94X-dcgpu")
DEVICE_TARGETS = ("gfx1201", "gfx942", "gfx950", "gfx950:xnack+")
DEFAULT_LAYOUT = "per-family"

_GENERIC = (
    *("amd-llvm_dev", "amd-llvm_lib", "amd-llvm_run", "aqlprofile_lib"),
    *("base_dev", "base_doc", "base_lib", "base_run", "core-amdsmi_lib", "core-amdsmi_run"),
    *("core-hip_dbg", "core-hip_dev", "core-hip_doc", "core-hip_lib", "core-hip_run", "core-kpack_lib"),
    *(
        "core-runtime_dev",
        "core-runtime_lib",
        "core-runtime_run",
        "flatbuffers_dev",
        "hipdnn_dev",
        "hipdnn_lib",
    ),
    *(
        "host-blas_dev",
        "host-blas_lib",
        "miopenprovider_lib",
        "rocprofiler-compute_run",
        "rocprofiler-sdk_lib",
    ),
    *(
        "rocprofiler-sdk_run",
        "rocprofiler-systems_lib",
        "rocprofiler-systems_run",
        "sysdeps_dev",
        "sysdeps_lib",
    ),
)
_OF_A_FAMILY = (
    *("blas_dev", "blas_doc", "blas_lib", "blas_test", "fft_dev", "fft_lib"),
    *("miopen_dev", "miopen_lib", "miopen_run", "prim_dev", "rand_dev", "rand_lib"),
)
_OF_A_TARGET = ("blas_lib", "miopen_lib")


def _names(*cuts: tuple[tuple[str, ...], tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted(f"{part}_{family}" for parts, families in cuts for part in parts for family in families))


ARTIFACTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "per-family": _names((_GENERIC, ("generic",)), (_OF_A_FAMILY, FAMILIES)),
        "kpack-split": _names(
            (_GENERIC + _OF_A_FAMILY, ("generic",)),
            (_OF_A_TARGET, tuple(target for target in DEVICE_TARGETS if ":" not in target)),
            (("blas_lib",), tuple(target for target in DEVICE_TARGETS if ":" in target)),
        ),
    }
)  # layout -> names of the artifact directories that make_sample() makes, sorted


def make_sample(directory: Path, layout: str = DEFAULT_LAYOUT) -> None:
    """Make ``directory`` the artifact tree of ``layout``, a key of :data:`ARTIFACTS`.

    The same compiler makes the same bytes, modes and time stamps wherever and whenever it runs. The directory
    is replaced as a whole; on any error the old one stays.

    :raises UserError: when there is no C compiler, or it fails, or the directory cannot be written.
    """
    from tools.sample.embedded.tree import sample_nodes
    from tools.sample.embedded.writer import replace_tree

    replace_tree(directory, sample_nodes(layout))
