"""Writes a tree of nodes in place of a directory, in one step."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from tools.errors import UserError
from tools.sample.embedded.compiler import compile_all
from tools.sample.embedded.nodes import Binary, Bytes, EmptyDirectory, HardLink, Link, Node

STAMP = (0, 0)  # atime and mtime in ns of every path: 1970, which a zip cannot hold


def replace_tree(directory: Path, nodes: Mapping[str, Node]) -> None:
    """Make ``directory`` hold exactly ``nodes``, by path.

    The tree grows beside it and takes its name when it is whole.

    :raises UserError: when something cannot be compiled or written; ``directory`` is as it was then.
    """
    work = directory.absolute().with_name(f".{directory.name}.part")
    try:
        shutil.rmtree(work, ignore_errors=True)  # of a run that was killed
        work.mkdir(parents=True)
        binaries = {node for node in nodes.values() if isinstance(node, Binary)}
        made = compile_all(sorted(binaries, key=repr), work)
        _write(work / "tree", nodes, made)
        _swap(work / "tree", directory, work / "old")
    except OSError as error:
        raise UserError(f"{directory}: the sample cannot be written: {error.strerror}") from None
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write(root: Path, nodes: Mapping[str, Node], made: Mapping[Binary, Path]) -> None:
    for path, node in nodes.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        match node:
            case Binary(kind=kind):
                shutil.copyfile(made[node], place)
                place.chmod(0o755 if kind in ("library", "program", "freestanding") else 0o644)
            case Bytes(content, mode):
                place.write_bytes(content)
                place.chmod(mode)
            case Link(target):
                place.symlink_to(target)
            case EmptyDirectory():
                place.mkdir()
    for path, node in nodes.items():
        if isinstance(node, HardLink):
            (root / path).hardlink_to(root / path.partition("/")[0] / node.path)
    for folder, folders, files in os.walk(root):
        Path(folder).chmod(0o755)
        for name in (*folders, *files):
            os.utime(Path(folder, name), ns=STAMP, follow_symlinks=False)


def _swap(new: Path, directory: Path, old: Path) -> None:
    if not directory.exists():
        new.rename(directory)
        return
    directory.rename(old)
    try:
        new.rename(directory)
    except OSError:
        old.rename(directory)
        raise
