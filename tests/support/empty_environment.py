"""Environments without a Python, for what only looks at files."""

from __future__ import annotations

from pathlib import Path

from tools.develop.environment import Environment, find_environment


def make_place(directory: Path, version: str = "3.11.2") -> Environment:
    """Make what an environment of a Python version has, with a file in its Python's place."""
    minor = version.rpartition(".")[0]
    (directory / f"lib/python{minor}/site-packages").mkdir(parents=True)
    (directory / "bin").mkdir()
    (directory / "bin/python").touch()
    (directory / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {version}\n")
    return find_environment(directory)
