"""Extras: packages that few need, each with a lock file of its own and one command that installs it."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[1]


def command_for(extra: str) -> str:
    """Return what installs an extra, by the pip of this Python or, where it has none, of the one that made it."""
    pip = f"{sys.executable} -m pip"
    if find_spec("pip") is None:
        pip = f"{getattr(sys, '_base_executable', sys.executable)} -m pip --python {sys.executable}"
    return f"{pip} install --no-deps --require-hashes --requirement {ROOT / f'requirements-{extra}.lock'}"
