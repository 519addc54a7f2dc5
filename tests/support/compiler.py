"""The system's C compiler."""

from __future__ import annotations

import subprocess
from pathlib import Path


def compile_code(out: Path, code: str | bytes, *arguments: str | Path, language: str = "c") -> Path:
    """Compile and link code, in C or assembler, with further arguments behind it; return what was made."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.unlink(missing_ok=True)  # it may be a hard link, or a program that runs
    command = ["cc", "-o", out, "-x", language, "-", "-x", "none", *arguments]
    subprocess.run(command, input=code.encode() if isinstance(code, str) else code, check=True)
    return out


def compile_library(out: Path, code: str | bytes, *arguments: str | Path, language: str = "c") -> Path:
    """Make a shared library named like ``out``."""
    return compile_code(out, code, "-shared", "-fPIC", *arguments, language=language)
