"""artifact_manifest.txt: the base dirs of an artifact."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tools.artifact.names import unfit
from tools.errors import UserError, listed

MANIFEST = "artifact_manifest.txt"
LARGEST = 1 << 20  # bytes; real ones have a dozen lines


def read_base_dirs(directory: Path) -> tuple[str, ...]:
    """Return the base dirs that the manifest in ``directory`` lists, in its order.

    :raises UserError: when there is no such file, or it makes no sense.
    """
    file = directory / MANIFEST
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as manifest:
            content = manifest.read(LARGEST + 1)
    except OSError as error:
        raise UserError(
            f"{file}: cannot be read ({error.strerror}); every artifact has this file, "
            f"with one relative base dir a line"
        ) from None
    return parse_base_dirs(content, str(file))


def parse_base_dirs(content: bytes, file: str) -> tuple[str, ...]:
    """Return the base dirs that the content of a manifest lists, in its order; ``file`` is for messages.

    :raises UserError: when it lists nothing, or something that is no base dir, or is too large: a byte beyond
        LARGEST is enough to tell.
    """
    if len(content) > LARGEST:
        raise UserError(f"{file}: is larger than {LARGEST} bytes; it must list relative base dirs, one a line")
    try:
        lines = [line.strip(" \t\r") for line in content.decode().split("\n")]
    except UnicodeDecodeError:
        raise UserError(f"{file}: is not UTF-8; it must list relative base dirs, one a line") from None
    base_dirs = tuple(line for line in lines if line)
    if problem := problem_of(base_dirs):
        raise UserError(f"{file}: {problem}")
    return base_dirs


def problem_of(base_dirs: Sequence[str]) -> str | None:
    """Return what is wrong with these lines of a manifest, all culprits named; None when nothing is."""
    if not base_dirs:
        return "lists no base dir; it must hold at least one relative path, such as math-libs/BLAS/rocBLAS/stage"
    if wrong := [base for base in base_dirs if not _stays_inside(base)]:
        return f"base dirs must be plain relative paths inside the artifact, not {listed(map(repr, wrong))}"
    if twice := [base for base, count in Counter(base_dirs).items() if count > 1]:
        return f"lists base dirs more than once: {listed(twice)}; each may stand there once"
    if nested := [base for base in base_dirs if any(base.startswith(f"{other}/") for other in base_dirs)]:
        return f"base dirs lie inside other base dirs: {listed(nested)}; a file would have two paths"
    return None


def _stays_inside(base: str) -> bool:
    return not unfit([base]) and not {"", ".", ".."} & set(base.split("/"))
