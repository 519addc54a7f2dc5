"""What a program needs to start: its interpreter, or every library that the loader looks for."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from pathlib import Path

from rocm_sdk_core._errors import listed

from rocm_sdk._outcome import TIMEOUT

PT_INTERP = 3  # ELF specification, program headers


def problem_of(program: Path) -> str:
    """Return why the program cannot start, "" if it can."""
    try:
        if not os.access(program, os.X_OK) or not program.is_file():
            return f"{program} is not there or not executable"
        with program.open("rb") as file:
            head = file.read(1 << 16)
    except OSError as error:
        return f"{program}: {(error.strerror or str(error)).lower()}"
    if head.startswith(b"#!"):
        return _interpreter_problem(program, head)
    loader = _loader(head)
    return _library_problem(program, loader) if loader else ""


def _interpreter_problem(program: Path, head: bytes) -> str:
    words = head[2:].partition(b"\n")[0].decode(errors="replace").split()
    if not words:
        return f"{program} names no interpreter"
    if os.path.basename(words[0]) == "env":  # noqa: PTH119
        names = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
        return "" if not names or shutil.which(names[0]) else f"{program} needs {names[0]}, which is not on PATH"
    return "" if Path(words[0]).exists() else f"{program} needs {words[0]}, which is not there"


def _loader(head: bytes) -> str | None:
    """Return the interpreter of a 64-bit little-endian ELF program; None: static, or nothing that is known here."""
    if not head.startswith(b"\x7fELF\x02\x01"):
        return None
    (offset,) = struct.unpack_from("<Q", head, 32)
    size, count = struct.unpack_from("<HH", head, 54)
    for start in range(offset, offset + size * count, size or 1):
        if start + 40 > len(head):
            return None
        kind, _, where, _, _, length = struct.unpack_from("<IIQQQQ", head, start)
        if kind == PT_INTERP:
            return head[where : where + length].rstrip(b"\0").decode(errors="replace")
    return None


def _library_problem(program: Path, loader: str) -> str:
    """Ask the loader itself, from where the kernel says that the program is: that is past links."""
    if not Path(loader).exists():
        return f"{program} needs {loader}, which is not there"
    real = os.path.realpath(program)
    variables = os.environ | {"LD_TRACE_LOADED_OBJECTS": "1"}  # as ldd(1) does; nothing of the program is run
    command = [loader, real]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT, env=variables)
    missing = [line.split()[0] for line in done.stdout.splitlines() if line.endswith("=> not found")]
    if missing:
        return f"{program} does not find {listed(missing)}"
    return "" if done.returncode == 0 else f"{program}: {(done.stderr or done.stdout).strip()[-200:]}"
