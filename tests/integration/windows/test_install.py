"""The wheels that the build makes for Windows, installed there by pip and used, under Wine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.doit_process import Doit
from tests.support.windows.wine import Environment, Wine, environment
from tests.support.windows.wine import windows as path_of

VERSION = "1.0"
FAMILY_TARGETS = "gfx1100;gfx1101;gfx1102;gfx1103"
INSTALLED = {
    "per-family": (
        "rocm[libraries-gfx110x-all,devel-gfx110x-all]",
        "_rocm_sdk_devel_gfx110X_all",
        ("devel", "devel-gfx110X-all", "libraries-gfx110X-all"),
    ),
    "kpack-split": (
        "rocm[libraries,device-gfx1100,devel]",
        "_rocm_sdk_devel",
        ("devel", "device-gfx1100", "libraries"),
    ),
}
NOTHING = {"pip", "pip-25.3.dist-info"}
TOTALS = """
import ctypes, sys, rocm_sdk
found = {}
for name in ("amd_comgr", "amdhip64", "hiprtc", "hipblas", "hipfft", "hiprand", "miopen", "hipdnn"):
    rocm_sdk.initialize_process(preload_shortnames=[name])
    for path in rocm_sdk.find_libraries(name):
        found[name] = getattr(ctypes.CDLL(str(path)), path.stem + "_total")()
print(found)
"""


@pytest.fixture
def rocm(request: pytest.FixtureRequest, builds: dict[str, Doit], windows: Wine, tmp_path: Path) -> Environment:
    """A Python into which pip installed everything of a layout from the flat dist."""
    layout = request.param
    python = environment(windows, tmp_path / "python")
    what = INSTALLED[layout][0]
    python.pip("install", "-q", "--find-links", path_of(builds[layout].dist), f"{what}=={VERSION}")
    return python


def uninstall(python: Environment, layout: str) -> set[str]:
    names = ("rocm", "rocm-sdk-core", *(f"rocm-sdk-{name}" for name in INSTALLED[layout][2]))
    python.pip("uninstall", "-q", "-y", *names)
    return {path.name for path in python.site.iterdir()}


@pytest.mark.parametrize(
    ("rocm", "layout"),
    [("per-family", "per-family"), pytest.param("kpack-split", "kpack-split", marks=pytest.mark.slow)],
    indirect=["rocm"],
)
def test_what_people_do(rocm: Environment, layout: str) -> None:
    """One installation, since each takes a quarter of a minute: commands, DLLs, programs, uninstall."""
    root = path_of(rocm.site / INSTALLED[layout][1])
    commands = (("init",), ("path", "--root"), ("check",), ("test",), ("targets",), ("doctor",))
    answers = {command[0]: rocm.script("rocm-sdk", *command) for command in commands}

    assert {name: (done.returncode, done.stderr) for name, done in answers.items()} == dict.fromkeys(answers, (0, ""))
    assert answers["init"].stdout.startswith(f"{root}: ")
    assert answers["path"].stdout == f"{root}\n"
    assert answers["check"].stdout.endswith(" links checked: all right\n")
    assert answers["targets"].stdout.strip() == (FAMILY_TARGETS if layout == "per-family" else "gfx1100")
    states = [line.partition(":")[0] for line in answers["test"].stdout.splitlines()]
    assert states == ["ok"] * 5 + ["skipped"] * 3, answers["test"].stdout  # no compiler, CMake or GPU
    assert answers["doctor"].stdout.endswith("problems:\n  none\n")

    assert rocm.python("-c", TOTALS).stdout.count(":") == 8
    assert f"from {root}\\bin\\hipcc.exe" in rocm.script("hipcc", "--version").stdout
    assert f"from {path_of(rocm.site)}\\_rocm_sdk_core\\bin\\hipInfo.exe, total 3" in rocm.script("hipInfo").stdout
    links = [path for path in (rocm.site / INSTALLED[layout][1]).rglob("*") if path.is_symlink()]
    assert links == []

    assert uninstall(rocm, layout) == NOTHING


@pytest.mark.slow
@pytest.mark.parametrize(("rocm", "layout"), [(one, one) for one in INSTALLED], indirect=["rocm"])
def test_an_uninstall_before_init_leaves_nothing(rocm: Environment, layout: str) -> None:
    assert uninstall(rocm, layout) == NOTHING


@pytest.mark.slow
@pytest.mark.parametrize("rocm", ["per-family"], indirect=True)
def test_twenty_times_the_same(rocm: Environment) -> None:
    seen = set()
    for _ in range(20):
        done = rocm.script("rocm-sdk", "init")
        seen.add((done.returncode, done.stderr, rocm.python("-c", TOTALS).stdout, rocm.script("hipInfo").returncode))

    assert len(seen) == 1


@pytest.mark.slow
def test_pip_takes_extras_by_windows_markers(windows: Wine, published: Path, tmp_path: Path) -> None:
    python = environment(windows, tmp_path / "python")

    what = f"rocm[libraries-gfx94x-dcgpu,libraries-gfx110x-all,profiler]=={VERSION}"
    python.pip("install", "-q", "--no-index", "--find-links", path_of(published), what)

    names = {line.partition("==")[0] for line in python.pip("list", "--format=freeze").stdout.splitlines()}
    assert names - {"pip"} == {"rocm", "rocm-sdk-core", "rocm-sdk-libraries-gfx110X-all"}
