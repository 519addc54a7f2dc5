"""Other Pythons of this machine."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def find_python(version: str) -> str:
    """A Python of this version that starts; tools that switch versions put names on PATH that do not."""
    found = shutil.which(f"python{version}")
    candidates = [found] if found else []
    candidates += [str(path) for path in sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))]
    for candidate in candidates:
        done = subprocess.run([candidate, "-c", "import sys; print(sys.executable)"], capture_output=True, check=False)
        if done.returncode == 0:
            return done.stdout.decode().strip()
    pytest.skip(f"this machine has no Python {version}")
