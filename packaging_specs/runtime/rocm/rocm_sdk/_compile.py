"""What people do with a devel tree: compile and link a HIP program, configure a CMake project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rocm_sdk_core._errors import listed

from rocm_sdk._facts import facts
from rocm_sdk._outcome import TIMEOUT, Failed, Skipped

EXE = ".exe" if sys.platform == "win32" else ""
HIP = """#include <hip/hip_runtime.h>

__global__ void twice(int* value) { *value *= 2; }

int main() {
    twice<<<1, 1, 0, 0>>>(nullptr);
    return static_cast<int>(hipGetLastError());
}
"""
CMAKE = """cmake_minimum_required(VERSION 3.16)
project(probe CXX)
find_package(hip REQUIRED CONFIG)
"""


def hip_program(root: Path, targets: Sequence[str]) -> str:
    """Compile and link a real source for each of the targets that the compiler knows, else for another one."""
    compiler = root / "bin" / f"hipcc{EXE}"
    if not compiler.exists():
        raise Skipped("this build has no hipcc")
    known = [target for target in targets if target in known_targets(root)]
    if not targets:
        raise Skipped("no GPU code is installed")
    unknown = [target for target in targets if target not in known]
    others = sorted(known_targets(root) & set(facts().targets))[-1:] if not known else []
    if not known and not others:
        raise Skipped(f"the compiler knows none of {listed(targets)}")
    for target in known or others:
        _compile(compiler, target, root)
    left = f"; the compiler does not know {', '.join(unknown)}" if unknown else ""
    return f"hipcc compiles and links for {', '.join(known or others)}{left}"


def known_targets(root: Path) -> set[str]:
    """Return the GFX targets that clang can compile for."""
    clang = root / "lib" / "llvm" / "bin" / f"clang{EXE}"
    if not clang.exists():
        raise Skipped("this build has no clang")
    command = [str(clang), "--target=amdgcn-amd-amdhsa", "--print-supported-cpus"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT)
    return {word for word in (done.stdout + done.stderr).split() if word.startswith("gfx")}


def cmake_project(root: Path) -> str:
    """Configure a project that looks for HIP."""
    cmake = shutil.which("cmake")
    if cmake is None:
        raise Skipped("no cmake on PATH")
    if not (root / "lib" / "cmake" / "hip").is_dir():
        raise Skipped("this build has no CMake package of HIP")
    if shutil.which("c++") is None:
        raise Skipped("no C++ compiler on PATH")
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "CMakeLists.txt").write_text(CMAKE, "utf-8")
        build = str(Path(directory, "build"))
        output([cmake, "-S", directory, "-B", build, f"-DCMAKE_PREFIX_PATH={root}"], root)
    return "a project with find_package(hip) is configured"


def output(command: list[str], root: Path | None = None) -> str:
    """Return what the command prints.

    :raises Failed: when it ends with another code than 0; it has the end of what went to stderr.
    """
    environment = dict(os.environ)
    if root is not None:
        environment |= {"ROCM_PATH": str(root), "HIP_PATH": str(root), "HIP_PLATFORM": "amd"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT, env=environment)
    if done.returncode != 0:
        raise Failed(f"{command[0]} ended with {done.returncode}: {(done.stderr or done.stdout).strip()[-500:]}")
    return done.stdout


def _compile(compiler: Path, target: str, root: Path) -> None:
    with tempfile.TemporaryDirectory() as directory:
        source, program = Path(directory, "probe.hip"), Path(directory, f"probe{EXE}")
        source.write_text(HIP, "utf-8")
        output([str(compiler), f"--offload-arch={target}", "-o", str(program), str(source)], root)
        bundle = f"hipv4-amdgcn-amd-amdhsa--{target}".encode()  # clang's name of a code object in a fat binary
        content = program.read_bytes()
        if bundle not in content and b"CCOB" not in content:  # compressed: the names are inside
            raise Failed(f"{compiler} made a program without a code object for {target}")
