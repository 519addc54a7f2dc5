"""Programs of others from their registry, by version and hash. A test that cannot have one is skipped and says why."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

LOCK = Path(__file__).with_name("programs.lock")
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "rules_rocm_wheels" / "programs"
UV = Path(sys.executable).with_name("uv")


@cache
def programs() -> Path:
    """Return the ``bin`` of an environment with pex, shiv, virtualenv and PyInstaller."""
    directory = CACHE / f"venv-{sys.version_info.major}.{sys.version_info.minor}"
    with _locked():
        if not (directory / "bin/python").exists():
            _run([UV, "venv", "--quiet", "--clear", "--python", sys.executable, directory])
        _run([UV, "pip", "sync", "--quiet", "--require-hashes", "--python", directory / "bin/python", LOCK])
    return directory / "bin"


@cache
def published(requirement: str, sha256: str, python: str = "3.12") -> Path:
    """Return a wheel of another project, downloaded once."""
    directory = CACHE / sha256[:16]
    with _locked():
        if not any(directory.glob("*.whl")):
            directory.mkdir(parents=True, exist_ok=True)
            wanted = directory / "requirement.txt"
            wanted.write_text(f"{requirement} --hash=sha256:{sha256}\n", "utf-8")
            options = ["--no-deps", "--only-binary", ":all:", "--python-version", python, "--require-hashes"]
            _run([sys.executable, "-m", "pip", "download", "--quiet", *options, "-d", directory, "-r", wanted])
    return next(directory.glob("*.whl"))


@contextmanager
def _locked() -> Iterator[None]:
    """One process at a time: tests run side by side."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(command: list[object]) -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=600)
    if done.returncode != 0:
        pytest.skip(f"cannot be had here: {' '.join(map(str, command[1:4]))}: {done.stderr.strip().splitlines()[-1]}")
