"""Console scripts of the profilers."""

from __future__ import annotations

from rocm_sdk_core import _cli

TYPE_CHECKING = False  # typing takes longer to import than a tool takes to start
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """Run the profiler that ``sys.argv[0]`` names."""
    _cli.run("_rocm_profiler", "rocm_profiler")
