"""The embedded sample for Windows: a small but true artifact tree, cross-compiled.

Whatever is heavier than names is imported on use: names are read whenever doit starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

FAMILIES = ("gfx110X-all", "gfx120X-all")
DEVICE_TARGETS = ("gfx1100", "gfx1201")
DEFAULT_LAYOUT = "per-family"

_GENERIC = (
    *("amd-llvm_dev", "amd-llvm_lib", "amd-llvm_run", "base_dev", "base_lib", "core-hip_dev", "core-hip_lib"),
    *("core-hip_run", "core-hipinfo_run", "core-kpack_lib", "core-ocl_lib", "hipdnn_dev", "hipdnn_lib"),
    *("host-blas_dev", "host-blas_lib", "miopenprovider_lib", "sysdeps_dev", "sysdeps_lib"),
)
_OF_A_FAMILY = (
    *("blas_dev", "blas_lib", "blas_test", "fft_dev", "fft_lib", "miopen_dev", "miopen_lib", "miopen_run"),
    *("prim_dev", "rand_dev", "rand_lib"),
)
_OF_A_TARGET = ("blas_lib", "miopen_lib")


def _names(*cuts: tuple[tuple[str, ...], tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted(f"{part}_{family}" for parts, families in cuts for part in parts for family in families))


ARTIFACTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "per-family": _names((_GENERIC, ("generic",)), (_OF_A_FAMILY, FAMILIES)),
        "kpack-split": _names((_GENERIC + _OF_A_FAMILY, ("generic",)), (_OF_A_TARGET, DEVICE_TARGETS)),
    }
)  # layout -> names of the artifact directories that make_sample() makes, sorted


def make_sample(directory: Path, layout: str = DEFAULT_LAYOUT) -> None:
    """Make ``directory`` the artifact tree of ``layout``, a key of :data:`ARTIFACTS`.

    The same compiler makes the same bytes, modes and time stamps wherever and whenever it runs. The directory
    is replaced as a whole; on any error the old one stays.

    :raises UserError: when there is no compiler for Windows, or it fails, or the directory cannot be written.
    """
    from tools.sample.embedded.writer import replace_tree
    from tools.sample.windows.tree import sample_nodes

    replace_tree(directory, sample_nodes(layout))
