"""ROCm's profilers; the files are in ``_rocm_profiler``, beside this package."""

from __future__ import annotations


def __getattr__(name: str) -> str:
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version  # 20 ms that a console script would pay at each start

    return version(__name__.replace("_", "-"))
