"""The wheels that the build makes for Windows, installed there by pip and uv and used, under Wine."""

from __future__ import annotations

import ast
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.windows import downloads
from tests.support.windows.wine import Environment, Wine, environment
from tests.support.windows.wine import windows as path_of

VERSION = "1.0"
FAMILY_TARGETS = "gfx1100;gfx1101;gfx1102;gfx1103"
EXTRAS = {
    "per-family": "rocm[libraries-gfx110x-all,devel-gfx110x-all]",
    "kpack-split": "rocm[libraries,device-gfx1100,devel]",
}
PARTS = {
    "per-family": ("devel", "devel-gfx110X-all", "libraries-gfx110X-all"),
    "kpack-split": ("devel", "device-gfx1100", "libraries"),
}
ROOTS = {"per-family": "_rocm_sdk_devel_gfx110X_all", "kpack-split": "_rocm_sdk_devel"}
EVERYWHERE = [("per-family", "pip"), ("per-family", "uv"), ("kpack-split", "pip"), ("kpack-split", "uv")]
NOTHING = {"pip", "pip-25.3.dist-info"}
NAMES = {
    *("amd_comgr", "amdhip64", "hipblas", "hipblaslt", "hipdnn", "hipfft", "hiprand", "hiprtc", "miopen", "origami"),
    *("rocm-openblas", "rocm_kpack"),
}
DLLS = 19  # of the sample, in core and libraries
TOTALS = """
import ctypes, sys, rocm_sdk
found = {}
for name in ("amd_comgr", "amdhip64", "hiprtc", "hipblas", "hipfft", "hiprand", "miopen", "hipdnn"):
    rocm_sdk.initialize_process(preload_shortnames=[name])
    for path in rocm_sdk.find_libraries(name):
        found[name] = getattr(ctypes.CDLL(str(path)), path.stem + "_total")()
print(found)
"""
# Each in a process of its own: none can help another.
EVERY_NAME = """
import subprocess, sys
import rocm_sdk
from rocm_sdk._facts import facts
code = "import ctypes, sys, rocm_sdk; rocm_sdk.initialize_process(preload_shortnames=[sys.argv[1]])\\n"
code += "for path in rocm_sdk.find_libraries(sys.argv[1]): ctypes.CDLL(str(path))"
ended = {}
for name in facts().libraries:
    try:
        there = rocm_sdk.find_libraries(name)
    except FileNotFoundError:  # not in this build
        continue
    if there:
        ended[name] = subprocess.run([sys.executable, "-c", code, name], stdin=subprocess.DEVNULL).returncode
print(ended)
"""
EVERY_FILE = """
import subprocess, sys
from pathlib import Path
code = "import ctypes, sys, rocm_sdk; rocm_sdk.initialize_process(); ctypes.CDLL(sys.argv[1])"
ended = {}
for path in (path for package in sys.argv[2:] for path in Path(sys.argv[1], package).rglob("*.dll")):
    done = subprocess.run([sys.executable, "-c", code, path], stdin=subprocess.DEVNULL)
    ended[path.relative_to(sys.argv[1]).as_posix()] = done.returncode
print(ended)
"""
# Says each step that it made, so that a test can kill it between any two.
STEPS = """
import sys
from rocm_sdk_core import _devel
print(0, flush=True)
_devel.make(sys.argv[1], sys.argv[2], tick=lambda done, total: print(done, flush=True))
"""
KILLS = 20
PROJECT = """
cmake_minimum_required(VERSION 3.16)
project(p NONE)
find_package(hip CONFIG REQUIRED)
get_target_property(dll hip::host IMPORTED_LOCATION)
message(STATUS "found ${dll}")
"""


@dataclass(frozen=True)
class Rocm:
    """A Python into which an installer brought everything of a layout, from the flat dist."""

    python: Environment
    layout: str
    uv: Path | None  # None: pip

    @property
    def site(self) -> Path:
        return self.python.site

    @property
    def root(self) -> Path:
        return self.site / ROOTS[self.layout]

    def install(self, dist: Path) -> None:
        what = ("-q", "--no-index", "--find-links", path_of(dist), f"{EXTRAS[self.layout]}=={VERSION}")
        if self.uv is None:
            self.python.pip("install", *what)
        else:
            self.python.uv(self.uv, "install", *what)

    def uninstall(self) -> set[str]:
        """Return what is left in site-packages."""
        names = ("rocm", "rocm-sdk-core", *(f"rocm-sdk-{name}" for name in PARTS[self.layout]))
        if self.uv is None:
            self.python.pip("uninstall", "-q", "-y", *names)
        else:
            self.python.uv(self.uv, "uninstall", "-q", *names)
        return {path.name for path in self.site.iterdir()}

    def sdk(self, *arguments: str) -> str:
        """Return what ``python -m rocm_sdk`` prints; it has to succeed."""
        done = self.python.python("-m", "rocm_sdk", *arguments)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout


def everywhere(name: str, *quick: tuple[str, str]) -> pytest.MarkDecorator:
    """Run a test with each layout and installer; all but ``quick`` ones are slow."""
    cases = [
        pytest.param(case, id=" by ".join(case), marks=() if case in quick else pytest.mark.slow) for case in EVERYWHERE
    ]
    return pytest.mark.parametrize(name, cases, indirect=True)


def installed(request: pytest.FixtureRequest, directory: Path) -> Rocm:
    """Install into a Python of its own what ``request`` names: a layout and an installer."""
    layout, installer = request.param
    uv = request.getfixturevalue("uv") if installer == "uv" else None
    made = Rocm(environment(request.getfixturevalue("windows"), directory / "python"), layout, uv)
    made.install(request.getfixturevalue("builds")[layout].dist)
    return made


@pytest.fixture
def rocm(request: pytest.FixtureRequest, tmp_path: Path) -> Rocm:
    return installed(request, tmp_path)


@pytest.fixture(scope="module")
def unchanged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Rocm:
    """The same for tests that change nothing; the devel tree is made."""
    made = installed(request, tmp_path_factory.mktemp("unchanged"))
    made.sdk("init")
    return made


@everywhere("rocm", ("per-family", "pip"))
def test_what_people_do(rocm: Rocm) -> None:
    """One installation, since each takes a quarter of a minute: commands, DLLs, programs, uninstall."""
    python, root = rocm.python, path_of(rocm.root)
    commands = (("init",), ("path", "--root"), ("check",), ("test",), ("targets",), ("doctor",))
    answers = {command[0]: python.script("rocm-sdk", *command) for command in commands}

    assert {name: (done.returncode, done.stderr) for name, done in answers.items()} == dict.fromkeys(answers, (0, ""))
    assert answers["init"].stdout.startswith(f"{root}: ")
    assert answers["path"].stdout == f"{root}\n"
    assert answers["check"].stdout.endswith(" links checked: all right\n")
    assert answers["targets"].stdout.strip() == (FAMILY_TARGETS if rocm.layout == "per-family" else "gfx1100")
    states = [line.partition(":")[0] for line in answers["test"].stdout.splitlines()]
    assert states == ["ok"] * 5 + ["skipped"] * 3, answers["test"].stdout  # no compiler, CMake or GPU
    assert answers["doctor"].stdout.endswith("problems:\n  none\n")

    assert python.python("-c", TOTALS).stdout.count(":") == 8
    assert f"from {root}\\bin\\hipcc.exe" in python.script("hipcc", "--version").stdout
    assert f"from {path_of(rocm.site)}\\_rocm_sdk_core\\bin\\hipInfo.exe, total 3" in python.script("hipInfo").stdout
    assert [path for path in rocm.root.rglob("*") if path.is_symlink()] == []

    assert rocm.uninstall() == NOTHING


@everywhere("unchanged")
def test_every_library_loads_by_its_short_name(unchanged: Rocm) -> None:
    done = unchanged.python.python("-c", EVERY_NAME)

    assert done.returncode == 0, done.stderr
    assert ast.literal_eval(done.stdout) == dict.fromkeys(NAMES, 0), done.stderr


@everywhere("unchanged")
def test_every_dll_loads_by_its_path(unchanged: Rocm) -> None:
    packages = ["_rocm_sdk_core", *(path.name for path in unchanged.site.glob("_rocm_sdk_libraries*"))]
    dlls = [path for package in packages for path in (unchanged.site / package).rglob("*.dll")]

    done = unchanged.python.python("-c", EVERY_FILE, path_of(unchanged.site), *packages)

    assert len(dlls) == DLLS
    assert done.returncode == 0, done.stderr
    assert ast.literal_eval(done.stdout) == {path.relative_to(unchanged.site).as_posix(): 0 for path in dlls}


@everywhere("unchanged")
def test_cmake_for_windows_finds_hip(unchanged: Rocm, tmp_path: Path) -> None:
    cmake = downloads.program("cmake", tmp_path / "cmake")
    ninja = downloads.program("ninja", tmp_path / "ninja")
    (tmp_path / "CMakeLists.txt").write_text(PROJECT, "utf-8")

    done = unchanged.python.wine.run(
        cmake,
        *("-S", path_of(tmp_path), "-B", path_of(tmp_path / "build"), "-G", "Ninja"),
        f"-DCMAKE_MAKE_PROGRAM={path_of(ninja)}",
        f"-DCMAKE_PREFIX_PATH={unchanged.sdk('path', '--cmake').strip()}",
    )

    dll = path_of(unchanged.root / "bin" / "amdhip64_7.dll").replace("\\", "/")
    assert f"-- found {dll}\n" in done.stdout, done.stdout + done.stderr


@everywhere("rocm")
def test_an_uninstall_before_init_leaves_nothing(rocm: Rocm) -> None:
    assert rocm.uninstall() == NOTHING


@pytest.mark.slow
@pytest.mark.parametrize("rocm", [("per-family", "pip")], ids=" by ".join, indirect=True)
def test_twenty_times_the_same(rocm: Rocm) -> None:
    seen = set()
    for _ in range(20):
        done = rocm.python.script("rocm-sdk", "init")
        totals = rocm.python.python("-c", TOTALS).stdout
        seen.add((done.returncode, done.stderr, totals, rocm.python.script("hipInfo").returncode))

    assert len(seen) == 1


@pytest.mark.slow
@pytest.mark.parametrize("rocm", [("per-family", "pip"), ("kpack-split", "pip")], ids=" by ".join, indirect=True)
def test_init_that_is_killed_is_healed_or_uninstalled(rocm: Rocm, tmp_path: Path) -> None:
    """Between any two steps; then, in turn, an uninstall comes at once, or init is run again."""
    total = int(init(copied(rocm, tmp_path / "whole")).split()[1])
    incomplete = 0
    for n in range(KILLS):
        copy = copied(rocm, tmp_path / str(n))
        kill_init(copy, n * total // KILLS)
        incomplete += not (copy.root / ".rocm-sdk" / "stamp").exists()

        if n % 2:
            assert init(copy).split()[1] == str(total)
            assert copy.sdk("check").endswith(" links checked: all right\n")
        else:
            assert copy.uninstall() == NOTHING

    assert incomplete > KILLS // 2, "most have to be killed before the end"


def copied(rocm: Rocm, directory: Path) -> Rocm:
    """Return a copy of an installation, of hard links; its console scripts start the original's Python."""
    shutil.copytree(rocm.python.directory, directory, copy_function=os.link)
    return Rocm(Environment(rocm.python.wine, directory), rocm.layout, rocm.uv)


def init(rocm: Rocm) -> str:
    """Return the line of init without the root: "42 links, 42 made, 0 removed", behind a space."""
    return rocm.sdk("init").removeprefix(path_of(rocm.root))


def kill_init(rocm: Rocm, step: int) -> None:
    """Kill init when it has said that it made ``step`` links."""
    python, site = rocm.python.directory / "python.exe", path_of(rocm.site)
    process = rocm.python.wine.start(python, "-c", STEPS, site, rocm.root.name)
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) == step:
            break
    process.kill()
    process.communicate(timeout=60)


@pytest.mark.slow
def test_pip_takes_extras_by_windows_markers(windows: Wine, published: Path, tmp_path: Path) -> None:
    python = environment(windows, tmp_path / "python")

    what = f"rocm[libraries-gfx94x-dcgpu,libraries-gfx110x-all,profiler]=={VERSION}"
    python.pip("install", "-q", "--no-index", "--find-links", path_of(published), what)

    names = {line.partition("==")[0] for line in python.pip("list", "--format=freeze").stdout.splitlines()}
    assert names - {"pip"} == {"rocm", "rocm-sdk-core", "rocm-sdk-libraries-gfx110X-all"}
