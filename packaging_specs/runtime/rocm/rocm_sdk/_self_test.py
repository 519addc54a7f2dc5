"""``rocm-sdk test``: does this installation work? What needs a GPU is skipped without one, and says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from rocm_sdk_core import _devel

from rocm_sdk import _gpus, _libraries, _roots
from rocm_sdk._facts import facts
from rocm_sdk._installed import Installed, installed, package_directory

TIMEOUT = 120  # seconds a tool may take
LOAD = "import ctypes, sys; ctypes.CDLL(sys.argv[1], mode=ctypes.RTLD_GLOBAL)"
LOAD_ON_WINDOWS = "import pathlib, sys; from rocm_sdk import _windows; _windows.load(pathlib.Path(sys.argv[1]), {})"
EXE = ".exe" if sys.platform == "win32" else ""
SOURCE = "#include <hip/hip_runtime.h>\nint main() { int n; return hipRuntimeGetVersion(&n); }\n"


class Result(NamedTuple):
    """One test: "ok", "failed" or "skipped", and why."""

    name: str
    state: str
    detail: str


def run(*, as_json: bool) -> int:
    """Run every test, print a line for each and return 1 if one failed."""
    results = [_guarded(name, test) for name, test in TESTS.items()]
    if as_json:
        print(json.dumps([result._asdict() for result in results], indent=2))
    else:
        for result in results:
            print(f"{result.state + ':':9} {result.name}: {result.detail}")
    return 1 if any(result.state == "failed" for result in results) else 0


class Skipped(Exception):
    """A test has nothing to test here."""


class Failed(Exception):
    """A test found something wrong."""


def _versions() -> str:
    wheels = installed()
    for site in dict.fromkeys(wheel.site for wheel in wheels):
        _devel.check_versions(str(site))
    return f"{len(wheels)} packages of version {facts().version}"


def _libraries_load() -> str:
    """Each in a process of its own, so that one cannot hide what another lacks."""
    found = {name: _installed_library(name) for name in facts().libraries}
    if not any(found.values()):
        raise Skipped("no library is installed")
    failed = {name: text for name, path in found.items() if path and (text := _load_error(path))}
    if failed:
        raise Failed("; ".join(f"{name}: {text}" for name, text in sorted(failed.items())))
    absent = sorted(name for name, path in found.items() if path is None)
    count = f"{len(found) - len(absent)} load"
    return f"{count}; not installed: {', '.join(absent)}" if absent else count


def _scripts() -> str:
    programs = {
        name: wheel.directory / script["path"] for wheel in installed() for name, script in wheel.scripts.items()
    }
    if missing := [name for name, program in programs.items() if not os.access(program, os.X_OK)]:
        raise Failed(f"not there or not executable: {', '.join(sorted(missing))}")
    return f"{len(programs)} tools are there and executable"


def _devel_trees() -> str:
    wheels = _roots.devel_wheels()
    if not wheels:
        raise Skipped("devel is not installed")
    return ", ".join(f"{wheel.family}: {_checked_tree(wheel)} links" for wheel in wheels)


def _compiler() -> str:
    wheels = _roots.devel_wheels()
    if not wheels:
        raise Skipped("devel is not installed")
    compiler = wheels[0].directory / "bin" / f"hipcc{EXE}"
    if not compiler.exists():
        raise Skipped("this build has no hipcc")
    environment = {**os.environ, "ROCM_PATH": str(wheels[0].directory), "HIP_PLATFORM": "amd"}
    _output([str(compiler), "-x", "c++", "-D__HIP_PLATFORM_AMD__", "-fsyntax-only", "-"], SOURCE, environment)
    return "hipcc accepts a program that includes hip_runtime.h"


def _gpu() -> str:
    gpus = _gpus.gpu_targets()
    if not gpus:
        raise Skipped("no GPU")
    program = package_directory("core") / "bin" / ("hipInfo.exe" if EXE else "rocminfo")
    if not program.exists():
        raise Skipped(f"this build has no {program.stem}")
    output = _output([str(program)])
    if unseen := [gpu for gpu in gpus if gpu not in output]:
        raise Failed(f"the runtime does not see {', '.join(unseen)}")
    return f"the runtime sees {', '.join(gpus)}"


TESTS: dict[str, Callable[[], str]] = {
    "versions": _versions,
    "libraries": _libraries_load,
    "tools": _scripts,
    "devel": _devel_trees,
    "compiler": _compiler,
    "gpu": _gpu,
}


def _guarded(name: str, test: Callable[[], str]) -> Result:
    try:
        return Result(name, "ok", test())
    except Skipped as reason:
        return Result(name, "skipped", str(reason))
    except (Failed, RuntimeError, ModuleNotFoundError, OSError) as error:
        return Result(name, "failed", str(error))


def _installed_library(name: str) -> Path | None:
    """A build need not have every library; a file that got lost is what ``rocm-sdk check`` finds."""
    try:
        return next(iter(_libraries.find_libraries(name)), None)
    except (ModuleNotFoundError, FileNotFoundError):
        return None


def _load_error(path: Path) -> str:
    command = [sys.executable, "-c", LOAD_ON_WINDOWS if EXE else LOAD, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT)
    if done.returncode < 0:
        return f"loading it ended with signal {-done.returncode}"
    said = done.stderr.strip().splitlines() or [f"loading it ended with exit code {done.returncode:#x}"]
    return "" if done.returncode == 0 else said[-1]


def _checked_tree(wheel: Installed) -> int:
    summary = _roots.make(wheel, quiet=True)
    total, wrong = _devel.problems(str(wheel.site), wheel.platform_package)
    if wrong:
        raise Failed("; ".join(wrong[:10]))
    assert total == summary.total
    return total


def _output(command: list[str], text: str = "", environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, check=False, timeout=TIMEOUT, env=environment
    )
    if done.returncode != 0:
        raise Failed(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return done.stdout
