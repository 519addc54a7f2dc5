# ruff: noqa: PTH100
# Imported at each start of a tool on Windows: os alone takes no time to import.
"""What Windows does in its own way: long paths, links, exit codes. Works on any system, so that tests can ask it."""

from __future__ import annotations

import os

FILES_ONLY = os.name == "nt"  # links lead to files: those to directories are symlinks, which few users may make
LONG = "\\\\?\\"  # paths that begin with it may have 32,767 characters instead of 259 (Microsoft)
TOO_LONG = 206  # ERROR_FILENAME_EXCED_RANGE, which Python takes for "no such file"
IN_USE = (5, 32)  # ERROR_ACCESS_DENIED of a DLL that is loaded, ERROR_SHARING_VIOLATION


def long_path(path: str) -> str:
    """Return a path that may be longer than 259 characters, on Windows; elsewhere the path as it is."""
    if os.name != "nt" or path.startswith(LONG):
        return path
    whole = os.path.abspath(path)  # with backslashes, and without "..": nothing is put right behind the prefix
    return f"{LONG}UNC\\{whole[2:]}" if whole.startswith("\\\\") else LONG + whole


def short_path(path: str) -> str:
    """Return a path as people write it."""
    if path.startswith(f"{LONG}UNC\\"):
        return "\\\\" + path[len(LONG) + 4 :]
    return path[len(LONG) :] if path.startswith(LONG) else path


def quoted(word: str) -> str:
    """Return a word of a command as the system's shell takes it: those of Windows know double quotes alone."""
    if os.name != "nt":
        import shlex

        return shlex.quote(word)
    return word if word and not set(word) & set(" &|<>^();,'`$%") else f'"{word}"'


def in_use(error: OSError) -> str | None:
    """Return the file that another program has loaded or open, which keeps it from being replaced, or None."""
    if getattr(error, "winerror", None) not in IN_USE:
        return None
    name = getattr(error, "filename2", None) or error.filename
    return short_path(str(name)) if name else None


def exit_code(code: int) -> int:
    """Return a process's exit code as ``sys.exit`` takes it: 0xC0000135 has a sign there, or it becomes -1."""
    return code - (1 << 32) if code >= 1 << 31 else code
