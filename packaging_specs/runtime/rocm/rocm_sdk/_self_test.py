"""``rocm-sdk test``: does this installation work? What needs a GPU is skipped without one, and says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from rocm_sdk_core import _devel, _site
from rocm_sdk_core._errors import listed

from rocm_sdk import _compile, _diagnosis, _files, _gpus, _libraries, _needs, _roots
from rocm_sdk._facts import facts
from rocm_sdk._installed import Installed, installed, package_directory
from rocm_sdk._outcome import TIMEOUT, Failed, Skipped

LOAD = "import ctypes, sys; ctypes.CDLL(sys.argv[1], mode=ctypes.RTLD_GLOBAL)"
LOAD_ON_WINDOWS = "import pathlib, sys; from rocm_sdk import _windows; _windows.load(pathlib.Path(sys.argv[1]))"


class Result(NamedTuple):
    """One test: "ok", "failed" or "skipped", and why."""

    name: str
    state: str
    detail: str


def run(*, as_json: bool) -> int:
    """Run every test, print a line for each and return 1 if one failed."""
    results = [guarded(name) for name in TESTS]
    if as_json:
        print(json.dumps([result._asdict() for result in results], indent=2))
    else:
        for result in results:
            print(f"{result.state + ':':9} {result.name}: {result.detail}")
    return 1 if any(result.state == "failed" for result in results) else 0


def guarded(name: str) -> Result:
    """Run one of ``TESTS``."""
    try:
        return Result(name, "ok", TESTS[name]())
    except Skipped as reason:
        return Result(name, "skipped", str(reason))
    except subprocess.TimeoutExpired as error:
        return Result(name, "failed", f"{error.cmd[0]} took more than {TIMEOUT} seconds")
    except (Failed, RuntimeError, ModuleNotFoundError, OSError) as error:
        return Result(name, "failed", str(error))


def _installation() -> str:
    wheels = installed()
    if wrong := [problem.text for problem in _diagnosis.problems(_gpus.gpu_targets()) if problem.kind != "absent"]:
        raise Failed("; ".join(wrong))
    return f"{len(wheels)} packages of version {facts().version}, side by side"


def _sizes() -> str:
    """Sizes alone: ``rocm-sdk check`` reads everything."""
    found = _files.recorded()
    if found.unknown and not found.rows:
        raise Skipped(f"the installer kept no RECORD of {listed(found.unknown)}")
    if wrong := _files.told(_files.damage(found)):
        raise Failed(wrong)
    return f"{len(found.rows)} files are there, of the size that the wheels brought"


def _libraries_load() -> str:
    """Each in a process of its own, so that one cannot hide what another lacks."""
    found = {name: _installed_library(name) for name in facts().libraries}
    if not any(found.values()):
        raise Skipped("no library that has a short name (find_libraries) is installed")
    failed = {name: text for name, path in found.items() if path and (text := _load_error(path))}
    if failed:
        raise Failed("; ".join(f"{name}: {text}" for name, text in sorted(failed.items())))
    absent = sorted(name for name, path in found.items() if path is None)
    count = f"{len(found) - len(absent)} load"
    return f"{count}; not in this build, or not installed: {', '.join(absent)}" if absent else count


def _tools() -> str:
    programs = {name: program for wheel in installed() for name, program in _programs(wheel)}
    wrong = {name: problem for name, program in programs.items() if (problem := _needs.problem_of(program))}
    if wrong:
        raise Failed("; ".join(f"{name}: {problem}" for name, problem in sorted(wrong.items())))
    return f"{len(programs)} tools can start"


def _programs(wheel: Installed) -> list[tuple[str, Path]]:
    """Return each tool and the program that it starts."""
    roots = {str(root.site): root.directory for root in reversed(_roots.devel_wheels()) if _roots.is_current(root)}
    devel = roots.get(str(wheel.site))
    programs = []
    for name, script in wheel.scripts.items():
        in_devel = devel / script["path"] if devel and script["devel"] else None
        there = in_devel if in_devel is not None and in_devel.exists() else wheel.directory / script["path"]
        programs.append((name, there))
    return programs


def _devel_trees() -> str:
    return ", ".join(f"{wheel.family}: {_checked_tree(wheel)} links" for wheel in _rooted())


def _compiler() -> str:
    return _compile.hip_program(_chosen_tree(), _targets())


def _cmake() -> str:
    return _compile.cmake_project(_chosen_tree())


def _gpu() -> str:
    gpus = _gpus.gpu_targets()
    if not gpus:
        raise Skipped("no GPU")
    program = package_directory("core") / "bin" / ("hipInfo.exe" if _compile.EXE else "rocminfo")
    if not program.exists():
        raise Skipped(f"this build has no {program.stem}")
    output = _compile.output([str(program)])
    if unseen := [gpu for gpu in gpus if gpu not in output]:
        raise Failed(f"the runtime does not see {', '.join(unseen)}")
    return f"the runtime sees {', '.join(gpus)}"


TESTS: dict[str, Callable[[], str]] = {
    "installation": _installation,
    "files": _sizes,
    "libraries": _libraries_load,
    "devel": _devel_trees,
    "tools": _tools,
    "compiler": _compiler,
    "cmake": _cmake,
    "gpu": _gpu,
}


def _rooted() -> list[Installed]:
    wheels = [wheel for wheel in _roots.devel_wheels() if wheel.family != "generic"] or _roots.devel_wheels()
    if not wheels:
        raise Skipped("devel is not installed")
    return wheels


def _chosen_tree() -> Path:
    _rooted()
    return _roots.chosen_root().directory


def _targets() -> list[str]:
    """Return the GFX targets of the installed families, as the build knows them."""
    families = {wheel.family for wheel in installed()}
    return [name for name, target in sorted(facts().targets.items()) if families & {name, *target.families}]


def _installed_library(name: str) -> Path | None:
    """A build need not have every library; one that the wheel brought and that is gone, the files tell of."""
    try:
        return next(iter(_libraries.find_libraries(name)), None)
    except (ModuleNotFoundError, FileNotFoundError):
        return None


def _load_error(path: Path) -> str:
    command: Sequence[str] = [sys.executable, "-c", LOAD_ON_WINDOWS if _compile.EXE else LOAD, str(path)]
    with tempfile.TemporaryDirectory() as empty:  # a crash may leave a core file
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT, cwd=empty)
    if done.returncode < 0:
        return f"loading it ended with signal {-done.returncode}"
    said = done.stderr.strip().splitlines() or [f"loading it ended with exit code {done.returncode:#x}"]
    return "" if done.returncode == 0 else said[-1]


def _checked_tree(wheel: Installed) -> int:
    """Look before anything is repaired; a tree that was never made is made."""
    if not os.path.isdir(wheel.directory / _site.STATE):  # noqa: PTH112
        _roots.make(wheel, quiet=True)
    total, wrong = _devel.problems(str(wheel.site), wheel.platform_package)
    if wrong:
        raise Failed(f"{listed(wrong)}; run 'rocm-sdk init'")
    return total
