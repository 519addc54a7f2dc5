"""Tells PyInstaller where the hook of this package is (entry point ``pyinstaller40``)."""

from __future__ import annotations

from pathlib import Path


def get_hook_dirs() -> list[str]:
    """Return the directory of the hooks."""
    return [str(Path(__file__).parent)]
