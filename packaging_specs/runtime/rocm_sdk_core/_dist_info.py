"""TheRock's name for the tables of the build in each of its packages; scripts of profilers read them here."""

from __future__ import annotations

from importlib import import_module


def __getattr__(name: str) -> object:
    if name == "__version__":
        return import_module(__name__.rpartition(".")[0]).__version__
    if name.startswith("__"):  # import systems ask for these
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("rocm_sdk._dist_info"), name)
