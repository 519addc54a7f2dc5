"""Headers, CMake files, link-time names; the files are in the directory of this name with ``_`` in front."""

from __future__ import annotations


def __getattr__(name: str) -> str:
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version  # 20 ms that a console script would pay at each start

    return version(__name__.replace("_", "-"))
