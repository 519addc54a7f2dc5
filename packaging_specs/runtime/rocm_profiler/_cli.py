"""Console scripts of the profilers."""

from __future__ import annotations

from typing import NoReturn

from rocm_sdk_core import _cli


def main() -> NoReturn:
    """Run the profiler that ``sys.argv[0]`` names."""
    _cli.run("_rocm_profiler", "rocm_profiler")
