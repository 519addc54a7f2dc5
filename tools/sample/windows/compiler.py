"""Cross-compiles the sample's C code: with MinGW's gcc, else with the clang in PyPI's ziglang."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools.errors import UserError
from tools.sample.windows.binaries import Dll, Program

MINGW = "x86_64-w64-mingw32-gcc"
REMEDY = "Debian, Ubuntu: apt-get install gcc-mingw-w64-x86-64; elsewhere: pip install ziglang"
# Nothing of the machine, the directory or the moment may reach the bytes.
_COMPILE = (
    "-x",
    "c",
    "-O1",
    "-fno-ident",
    "-fno-stack-protector",
    "-fno-asynchronous-unwind-tables",
    "-nostdlib",
    "-s",
)
_MINGW_LINK = ("-Wl,--no-insert-timestamp", "-Wl,--disable-auto-image-base")
_DLL_LINK = ("-shared", "-Wl,-e,_DllMainCRTStartup", "-Wl,--out-implib,own.lib")
_PROGRAM_LINK = ("-Wl,-e,mainCRTStartup", "-Wl,--subsystem,console")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What the compiler made of a DLL or a program."""

    content: bytes
    import_library: bytes  # of a DLL, else empty


def compile_all(binaries: Iterable[Dll | Program]) -> dict[Dll | Program, Made]:
    """Return each binary, and each DLL that one needs, compiled.

    :raises UserError: when there is no compiler for Windows, or it fails.
    """
    compiler = _compiler()
    made: dict[Dll | Program, Made] = {}
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for level in _levels(binaries):
            jobs = {
                binary: pool.submit(_compile, compiler, binary, made, Path(directory, f"{len(made) + number}"))
                for number, binary in enumerate(level)
            }
            made |= {binary: job.result() for binary, job in jobs.items()}
    return made


def _levels(binaries: Iterable[Dll | Program]) -> list[list[Dll | Program]]:
    """Return the binaries, those first that need nothing, then those that need only earlier ones."""
    depths: dict[Dll | Program, int] = {}

    def depth(binary: Dll | Program) -> int:
        if binary not in depths:
            depths[binary] = 1 + max((depth(need) for need in binary.needs), default=-1)
        return depths[binary]

    deepest = max((depth(binary) for binary in binaries), default=-1)
    ordered = sorted(depths, key=lambda binary: (binary.name, repr(binary)))
    return [[binary for binary in ordered if depths[binary] == level] for level in range(deepest + 1)]


def _compiler() -> tuple[str, ...]:
    if shutil.which(MINGW):
        return (MINGW,)
    if importlib.util.find_spec("ziglang"):
        return (sys.executable, "-m", "ziglang", "cc", "-target", "x86_64-windows-gnu")
    raise UserError(
        f"the embedded sample for Windows is cross-compiled, and there is neither {MINGW} on PATH nor the Python "
        f"package ziglang ({REMEDY}); or set artifact_dir to real artifacts"
    )


def _compile(
    compiler: tuple[str, ...], binary: Dll | Program, made: Mapping[Dll | Program, Made], folder: Path
) -> Made:
    folder.mkdir()
    for need in binary.needs:
        (folder / f"{need.name}.lib").write_bytes(made[need].import_library)
    command = [*compiler, *_COMPILE, "-", "-x", "none", *(f"{need.name}.lib" for need in binary.needs)]
    command += ["-lkernel32", "-o", binary.name]
    command += _DLL_LINK if isinstance(binary, Dll) else _PROGRAM_LINK
    command += _MINGW_LINK if compiler == (MINGW,) else ()
    process = subprocess.run(
        command, input=binary.source.encode(), capture_output=True, check=False, cwd=folder, env=_environment()
    )
    if process.returncode:
        said = process.stderr.decode(errors="replace").strip().splitlines() or ["nothing"]
        raise UserError(
            f"{compiler[0]} cannot make {binary.name} of the embedded sample and says {said[0]!r}; if it is no C "
            f"compiler for Windows, get one ({REMEDY})"
        )
    library = (folder / "own.lib").read_bytes() if isinstance(binary, Dll) else b""
    return Made(content=(folder / binary.name).read_bytes(), import_library=library)


def _environment() -> dict[str, str]:
    kept = ("PATH", "TMPDIR", "HOME", "XDG_CACHE_HOME")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C"}
