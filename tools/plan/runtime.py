"""The Python sources that wheels install, as text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tools.errors import UserError


def runtime_files(directory: Path, folders: Iterable[str]) -> tuple[Path, ...]:
    """Return the files of the given folders of ``packaging_specs/runtime``, sorted; no byte code, no caches."""
    found = []
    for folder in sorted(set(folders)):
        for path in sorted((directory / folder).rglob("*")):
            parts = path.relative_to(directory).parts
            if path.is_file() and not any(part.startswith("__pycache__") or part.endswith("_cache") for part in parts):
                found.append(path)
    return tuple(found)


def read_runtime(directory: Path, folders: Iterable[str]) -> dict[str, str]:
    """Return path below ``directory`` -> text of every file in the given folders.

    :raises UserError: when a file is not UTF-8 text.
    """
    texts = {}
    for path in runtime_files(directory, folders):
        try:
            texts[path.relative_to(directory).as_posix()] = path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{path}: cannot be read as text: {error}") from None
    return texts
