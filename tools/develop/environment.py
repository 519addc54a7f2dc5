"""A virtual environment: where its packages, scripts and Python are. Told from its files; no Python is started."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from tools.errors import UserError

CONFIG = "pyvenv.cfg"  # PEP 405
_VERSION = re.compile(r"^\s*version(?:_info)?\s*=\s*((\d+\.\d+)\.\d+)", re.MULTILINE)  # of venv, virtualenv and uv
_FOLDERS = ("python{}", "python{}t", "pypy{}")  # below lib: CPython, without its lock, PyPy


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where things are in a virtual environment. Links in its path stay as they are."""

    directory: Path
    python: Path
    version: str  # of its Python: "3.11.2"
    site: Path  # site-packages
    scripts: Path

    @property
    def to_scripts(self) -> str:
        """The path from site-packages to the scripts, as RECORD writes it."""
        return os.path.relpath(self.scripts, self.site)


def find_environment(directory: Path) -> Environment:
    """Return the environment in ``directory``.

    :raises UserError: when it is none, or one whose Python is gone or another one than it was made with.
    """
    remake = f"make one with: python3 -m venv --clear {directory}"
    try:
        config = (directory / CONFIG).read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        raise UserError(
            f"venv: {directory} is no virtual environment: it has no {CONFIG}; make one with: python3 -m venv "
            f"{directory}"
        ) from None
    except OSError as error:
        raise UserError(f"venv: {directory / CONFIG}: cannot be read: {error.strerror}") from None
    version = _VERSION.search(config)
    if version is None:
        raise UserError(f"venv: {directory / CONFIG}: does not say which Python it is for; {remake}")
    folders = [directory / "lib" / folder.format(version[2]) / "site-packages" for folder in _FOLDERS]
    site = next((folder for folder in folders if folder.is_dir()), None)
    if site is None:
        raise UserError(f"venv: {directory} is for Python {version[2]}, and {folders[0]} is not there; {remake}")
    python = directory / "bin" / "python"
    if not python.exists():
        raise UserError(f"venv: {python}: is not there, or leads to a Python that is gone; {remake}")
    return Environment(directory=directory, python=python, version=version[1], site=site, scripts=directory / "bin")
