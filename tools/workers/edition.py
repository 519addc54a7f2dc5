"""Which edition of this project runs here: only equal ones make equal bytes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

ROOT = Path(__file__).parents[2]
SPECS = "packaging_specs"
_PROJECT = "rules-rocm-wheels"
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def edition() -> str:
    """Return a digest (hex) of what decides the bytes of wheels: our sources, the specs, and packages in use."""
    digest = hashlib.sha256()
    for part in (*_sources(), *_packages()):
        digest.update(part + b"\0")
    return digest.hexdigest()


def _sources() -> Iterator[bytes]:
    files = {*(ROOT / "tools").rglob("*.py"), *(file for file in (ROOT / SPECS).rglob("*") if file.is_file())}
    for file in sorted(files):
        if "__pycache__" not in file.parts:
            yield str(file.relative_to(ROOT)).encode()
            yield hashlib.sha256(file.read_bytes()).digest()


def _packages() -> Iterator[bytes]:
    needed = {found[0] for text in requires(_PROJECT) or () if "extra ==" not in text and (found := _NAME.match(text))}
    for name in sorted(needed):
        yield f"{name} {_version(name)}".encode()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # needed by other versions of Python alone
        return ""
