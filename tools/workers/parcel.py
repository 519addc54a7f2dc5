"""A job as bytes for another machine, where known directories may lie elsewhere."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

Roots = Mapping[str, Path]  # what a directory is to us -> where it is on this machine


def pack(job: object, roots: Roots) -> bytes:
    """Return a value pickled, with paths below one of the ``roots`` named by that root.

    What pickle raises of a value goes through.
    """
    file = BytesIO()
    _Pickler(file, roots).dump(job)
    return file.getvalue()


def unpack(parcel: bytes, roots: Roots) -> Any:
    """Return the value of a parcel, with paths below the ``roots`` of this machine."""
    return _Unpickler(BytesIO(parcel), roots).load()


class _Pickler(pickle.Pickler):
    def __init__(self, file: BytesIO, roots: Roots) -> None:
        super().__init__(file)
        self._roots = roots

    def persistent_id(self, obj: object) -> tuple[str, str] | None:
        if isinstance(obj, Path):
            for name, root in self._roots.items():
                if obj.is_relative_to(root):
                    return name, str(obj.relative_to(root))
        return None


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: BytesIO, roots: Roots) -> None:
        super().__init__(file)
        self._roots = roots

    def persistent_load(self, pid: tuple[str, str]) -> Path:
        name, path = pid
        return self._roots[name] / path
