"""Small DLLs and programs for Windows, cross-compiled."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

PREFIX = "x86_64-w64-mingw32-"
_LINK = ("-s", "-Wl,--no-insert-timestamp", "-Wl,--disable-auto-image-base")


def require() -> None:
    """Skip the test where there is no compiler for Windows."""
    if shutil.which(f"{PREFIX}gcc") is None:
        pytest.skip("no compiler for Windows: apt-get install gcc-mingw-w64-x86-64-win32")


def run(tool: str, *arguments: object) -> None:
    """Run one of the compiler's tools."""
    subprocess.run([PREFIX + tool, *map(str, arguments)], check=True, capture_output=True)


def definition(file: Path, *exports: str) -> Path:
    """Write a module definition beside ``file`` (.dll) and return it."""
    text = "".join(f"  {export}\n" for export in exports)
    target = file.with_suffix(".def")
    target.write_text(f"LIBRARY {file.name}\nEXPORTS\n{text}", "utf-8")
    return target


def dll(file: Path, code: str, *inputs: object, libc: bool = False) -> Path:
    """Make a DLL from C code; without libc it needs the inputs alone."""
    require()
    source = file.with_suffix(".c")
    source.write_text(code, "utf-8")
    options = () if libc else ("-nostdlib", "-Wl,-e,0")
    run("gcc", "-O1", "-shared", *options, *_LINK, source, *inputs, "-o", file)
    return file


def program(file: Path, code: str, *inputs: object) -> Path:
    """Make a console program from C code."""
    require()
    source = file.with_suffix(".c")
    source.write_text(code, "utf-8")
    run("gcc", "-O1", *_LINK, source, *inputs, "-o", file)
    return file
