"""The embedded sample's DLLs and programs for Windows, under Wine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.windows import mingw, rocm, tree
from tests.support.windows.wine import Environment, Wine, environment
from tests.support.windows.wine import windows as path_of
from tools.sample import windows as sample

TOTALS = {
    "amd_comgr": 1,
    "amdhip64": 3,  # itself, rocm_kpack, and amd_comgr that it opens by name
    "hiprtc": 3,
    "rocblas": 110 + 3 + 1,
    "hipblas": 110 + 114 + 3,
    "rocfft": 110 + 3 + 3,
    "hipfft": 110 + 116 + 3,
}


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    mingw.require()
    directory = tmp_path_factory.mktemp("sample") / "artifacts"
    sample.make_sample(directory)
    return directory


@pytest.fixture(scope="module")
def python(windows: Wine, artifacts: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """A Python with the sample's files of one family, spread over the packages."""
    directory = tmp_path_factory.mktemp("sample-python")
    files = tree.package_files(artifacts, rocm.FAMILY)
    dist = rocm.Rocm(core=files["core"], libraries=files["libraries"]).write(directory / "dist")
    made = environment(windows, directory / "python")
    made.pip("install", "-q", "--find-links", path_of(dist), "rocm", rocm.LIBRARIES, rocm.DEVEL)
    return made


@pytest.mark.parametrize("name", sorted(TOTALS))
def test_dlls_find_what_they_import_and_what_they_open_by_name(python: Environment, name: str) -> None:
    code = (
        f"import ctypes, rocm_sdk; rocm_sdk.preload_libraries({name!r})\n"
        f"(path,) = rocm_sdk.find_libraries({name!r})\n"
        "print(getattr(ctypes.CDLL(str(path)), path.stem + '_total')())"
    )

    done = python.python("-c", code)

    assert done.stdout == f"{TOTALS[name]}\n", done.stderr


def test_an_engine_below_bin_finds_the_familys_library(python: Environment) -> None:
    path = f"{path_of(python.site / rocm.OURS)}\\bin\\hipdnn_plugins\\engines\\miopen_plugin.dll"
    code = f"import ctypes, rocm_sdk; rocm_sdk.initialize_process()\nctypes.CDLL(r'{path}'); print('loaded')"

    done = python.python("-c", code)

    assert done.stdout == "loaded\n", done.stderr


def test_a_program_finds_dlls_beside_it(python: Environment) -> None:
    done = python.wine.run(python.site / rocm.CORE / "bin" / "hipInfo.exe", "one two")

    path = f"{path_of(python.site / rocm.CORE)}\\bin\\hipInfo.exe"
    # Nobody loaded amd_comgr before, but it lies beside the program.
    assert done.stdout.startswith(f"hipInfo.exe (ROCm sample) from {path}, total 3, called: ")
    assert done.stdout.endswith('hipInfo.exe" "one two"\n') or done.stdout.endswith("hipInfo.exe 'one two'\n")


def test_a_console_script_starts_the_compiler(python: Environment) -> None:
    done = python.script("amdclang++", "--version")

    path = f"{path_of(python.site / rocm.ROOT)}\\lib\\llvm\\bin\\amdclang++.exe"
    assert done.stdout.startswith(f"amdllvm.exe (ROCm sample) from {path}, total 0, called: ")
    assert done.stdout.endswith(" --version\n")
