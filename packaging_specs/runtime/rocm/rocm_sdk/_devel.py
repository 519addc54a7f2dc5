"""TheRock's name for the devel tree: AMD's TransformerEngine, rocm-bindings and rocm-cli import it."""

from __future__ import annotations

from pathlib import Path


def get_devel_root() -> Path:
    """Return the devel tree, made if need be.

    :raises ModuleNotFoundError: when devel is not installed, or for another family than the one that is meant.
    :raises RuntimeError: when the tree cannot be made.
    """
    from rocm_sdk import _roots
    from rocm_sdk._installed import absence

    root = _roots.chosen_root()
    if not root.is_devel:
        raise ModuleNotFoundError(absence("devel", "devel"))
    return root.directory
