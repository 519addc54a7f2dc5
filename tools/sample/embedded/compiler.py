"""Compiles the sample's C code with the machine's ``cc``, each distinct binary once, on all cores."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from tools.errors import UserError
from tools.sample.embedded.nodes import Binary

REMEDY = "install one with its binutils and C library headers (Debian, Ubuntu: apt-get install gcc libc6-dev)"
_TOOLS = ("cc", "ar", "objcopy")
# Nothing of the machine, the directory or the moment may reach the bytes.
_COMPILE = (
    "-x",
    "c",
    "-O1",
    "-fPIC",
    "-fno-ident",
    "-fno-stack-protector",
    "-fno-asynchronous-unwind-tables",
)
_LINK = ("-Wl,--build-id=none", "-Wl,--no-as-needed", "-Wl,--allow-shlib-undefined", "-Wl,--hash-style=gnu")


def compile_all(binaries: Iterable[Binary], directory: Path) -> dict[Binary, Path]:
    """Return where in ``directory`` each binary, and each that it needs, was put.

    :raises UserError: when there is no compiler, or it fails.
    """
    binaries = tuple(binaries)
    if binaries:
        _check_tools()
    jobs: dict[Binary, Future[Path]] = {}
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        # A binary is submitted after those it needs, so that a worker only ever waits for one that has begun.
        for binary in _needed_first(binaries):
            folder = directory / str(len(jobs))
            jobs[binary] = pool.submit(_compile, binary, [jobs[need] for need in binary.needs], folder)
    return {binary: job.result() for binary, job in jobs.items()}


def _check_tools() -> None:
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        raise UserError(
            f"the embedded sample is compiled, and there is no {' and no '.join(missing)} on PATH: {REMEDY}, "
            f"or set artifact_dir to real artifacts"
        )


def _needed_first(binaries: Iterable[Binary]) -> dict[Binary, None]:
    order: dict[Binary, None] = {}
    for binary in binaries:
        order |= _needed_first(binary.needs)
        order[binary] = None
    return order


def _compile(binary: Binary, needs: list[Future[Path]], folder: Path) -> Path:
    libraries = [str(need.result()) for need in needs]
    folder.mkdir()
    output = folder / binary.name
    match binary.kind:
        case "archive":
            _run(binary, "cc", *_COMPILE, "-c", "-", "-o", str(output.with_suffix(".o")))
            _run(binary, "ar", "rcsD", str(output), str(output.with_suffix(".o")))
        case "debug":
            _run(binary, "cc", *_COMPILE, *_LINK, "-g", "-nostdlib", "-shared", "-", "-o", f"{output}.whole")
            _run(binary, "objcopy", "--only-keep-debug", f"{output}.whole", str(output))
        case _:
            _run(
                binary,
                "cc",
                *_COMPILE,
                *_LINK,
                *_options(binary),
                "-",
                *_behind(libraries),
                "-o",
                str(output),
            )
    return output


def _options(binary: Binary) -> list[str]:
    options = {
        "library": ["-shared"] if binary.libc else ["-shared", "-nostdlib"],
        "program": ["-pie"],
        "freestanding": ["-static", "-nostdlib"],
    }[binary.kind]
    if binary.kind == "library" and binary.soname:
        options.append(f"-Wl,-soname,{binary.name}")
    if binary.rpath:
        options += ["-Wl,--disable-new-dtags", f"-Wl,-rpath,{binary.rpath}"]
    if binary.runpath:
        options += ["-Wl,--enable-new-dtags", f"-Wl,-rpath,{binary.runpath}"]
    if binary.bits == 32 and platform.machine() == "x86_64":
        options.append("-m32")
    return options


def _behind(libraries: list[str]) -> list[str]:
    return ["-x", "none", *libraries]  # after C from standard input, what follows is told by its name again


def _run(binary: Binary, *command: str) -> None:
    process = subprocess.run(
        command, input=binary.source.encode(), capture_output=True, check=False, cwd="/", env=_environment()
    )
    if process.returncode:
        said = process.stderr.decode(errors="replace").strip().splitlines() or ["nothing"]
        raise UserError(
            f"{command[0]} cannot make {binary.name} of the embedded sample and says {said[0]!r}; "
            f"if it is no C compiler for Linux, {REMEDY}"
        )


def _environment() -> dict[str, str]:
    kept = ("PATH", "TMPDIR", "HOME")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C"}
