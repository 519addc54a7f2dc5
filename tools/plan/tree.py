"""The devel tree as rows: which package provides each path, and how."""

from __future__ import annotations

from typing import Literal

import msgspec


class TreeRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One path of a devel tree.

    ``real`` and ``symlink``: the file ``target`` of the package's platform package, to be put there as a file of its
    own or as a symlink. ``link``: a symlink to the path ``target`` of the same tree.
    """

    path: str
    kind: Literal["real", "symlink", "link"]
    package: str  # the provider's logical name; of a link the package that leads there
    target: str
    sha256: str = ""  # hex, of the source; "" for links
    program: bool = False


class TreeFile(msgspec.Struct, frozen=True):
    """What ``tree.json`` holds: the rows of one family's artifacts, or of the generic ones, in order of their paths."""

    rows: tuple[TreeRow, ...]


def form_in_tree(path: str, *, program: bool) -> Literal["real", "symlink"]:
    """Return how a file gets into the devel tree: as a real one if it finds others by its own path, else as a symlink.

    Programs ask /proc/self/exe or ``realpath $0``; CMake's and pkg-config's package files ask for their own directory.
    """
    located = program or "/cmake/" in f"/{path}" or path.endswith((".cmake", ".pc", ".cfg"))
    return "real" if located else "symlink"
