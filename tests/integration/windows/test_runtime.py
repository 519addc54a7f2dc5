"""rocm-sdk on Windows: commands, links, programs, and DLLs that find each other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.windows import rocm
from tests.support.windows.wine import Environment, Wine
from tests.support.windows.wine import windows as path_of

TOTALS = {"rocm_kpack": 10, "amdhip64": 110, "rocblas": 1110, "hipblas": 11220, "hiprtc": 2, "amd_comgr": 1}
TOTAL = """
import ctypes, sys, warnings
import rocm_sdk
warnings.simplefilter("error")
rocm_sdk.{call}
(path,) = rocm_sdk.find_libraries("{name}")
print(getattr(ctypes.CDLL(str(path)), path.stem + "_total")())
"""
INIT = (("init",), ("test",), ("check",), ("targets",), ("version",), ("path", "--root"))
NOTHING = {"pip", "pip-25.3.dist-info"}


def total(python: Environment, name: str, call: str | None = None) -> str:
    done = python.python("-c", TOTAL.format(name=name, call=call or f"preload_libraries({name!r})"))
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("name", sorted(TOTALS))
def test_every_library_loads_with_what_it_needs(shared: Environment, name: str) -> None:
    assert total(shared, name) == str(TOTALS[name])
    assert total(shared, name, f"initialize_process(preload_shortnames=[{name!r}])") == str(TOTALS[name])


def test_a_plugin_two_directories_below_finds_all(shared: Environment) -> None:
    code = (
        "import ctypes, rocm_sdk; rocm_sdk.preload_libraries('hipblas')\n"
        f"path = r'{path_of(shared.site / rocm.OURS)}\\bin\\hipdnn_plugins\\engines\\trace_plugin.dll'\n"
        "print(ctypes.CDLL(path).trace_plugin_total())"
    )

    assert shared.python("-c", code).stdout == "111220\n"


def test_libraries_of_core_load_without_anything(shared: Environment) -> None:
    path = path_of(shared.site / rocm.CORE / "bin" / "amdhip64_7.dll")

    assert shared.python("-c", f"import ctypes; print(ctypes.CDLL(r'{path}').amdhip64_7_total())").stdout == "110\n"


def test_the_drivers_copy_in_system32_is_passed_over(shared: Environment, windows: Wine) -> None:
    driver = windows.system32 / "amdhip64_7.dll"
    shutil.copy2(shared.site / rocm.CORE / "bin" / "rocm_kpack.dll", driver)  # has no amdhip64_7_total
    try:
        assert total(shared, "hipblas") == "11220"
    finally:
        driver.unlink()


def test_a_dll_that_is_loaded_from_elsewhere_is_told(shared: Environment, tmp_path: Path) -> None:
    other = shutil.copy2(shared.site / rocm.CORE / "bin" / "rocm_kpack.dll", tmp_path / "rocm_kpack.dll")
    code = f"import ctypes; ctypes.CDLL(r'{path_of(other)}')\nimport rocm_sdk; rocm_sdk.preload_libraries('rocm_kpack')"

    done = shared.python("-c", code)

    assert done.returncode == 0
    assert f"RuntimeWarning: {path_of(other)} is loaded, and ROCm's libraries will use it instead of " in done.stderr


def test_a_library_that_windows_does_not_have_is_left_out(shared: Environment) -> None:
    assert shared.python("-c", "import rocm_sdk; print(rocm_sdk.find_libraries('amd_smi'))").stdout == "[]\n"


@pytest.mark.slow
def test_a_dll_that_is_missing_is_named(installed: Environment) -> None:
    missing = installed.site / rocm.CORE / "bin" / "rocm_kpack.dll"
    missing.unlink()

    assert total(installed, "hipblas").endswith(
        f"{path_of(installed.site / rocm.OURS)}\\bin\\hipblas.dll needs {path_of(missing)}, and that is missing; "
        "run 'rocm-sdk check'"
    )


def test_the_commands(installed: Environment) -> None:
    answers = {command[0]: installed.script("rocm-sdk", *command) for command in INIT}

    root = path_of(installed.site / rocm.ROOT)
    told = {name: (done.returncode, done.stderr) for name, done in answers.items()}
    assert told == dict.fromkeys(answers, (0, ""))
    assert answers["init"].stdout == f"{root}: 6 links, 6 made, 0 removed\n"
    assert answers["path"].stdout == f"{root}\n"
    assert answers["targets"].stdout == "gfx1100\n"
    lines = answers["test"].stdout.splitlines()
    assert lines.pop(1).endswith(" files are there, of the size that the wheels brought")
    assert lines == [
        "ok:       installation: 3 packages of version 10.1.0, side by side",
        "ok:       libraries: 6 load; not in this build, or not installed: amd_smi, hipfft, rocfft",
        f"ok:       devel: {rocm.FAMILY}: 6 links",
        "ok:       tools: 2 tools can start",
        "skipped:  compiler: this build has no clang",
        "skipped:  cmake: no cmake on PATH",
        "skipped:  gpu: no GPU",
    ]
    assert answers["check"].stdout.endswith(" files and 6 links checked: all right\n")


@pytest.mark.slow
def test_links_are_hard_links_and_the_second_run_makes_none(installed: Environment) -> None:
    installed.script("rocm-sdk", "init")

    for path in ("bin/hipcc.exe", "bin/amdhip64_7.dll", "include/hip/hip_runtime.h"):
        assert (installed.site / rocm.ROOT / path).samefile(installed.site / rocm.CORE / path)
    assert installed.script("rocm-sdk", "init").stdout.endswith(": 6 links, 0 made, 0 removed\n")


def test_a_dll_is_one_module_whether_core_or_devel_names_it(shared: Environment) -> None:
    code = (
        "import ctypes, rocm_sdk; rocm_sdk.preload_libraries('amdhip64')\n"
        f"path = r'{path_of(shared.site / rocm.ROOT)}\\bin\\amdhip64_7.dll'\n"
        "print(ctypes.CDLL(path)._handle == ctypes.CDLL(str(rocm_sdk.find_libraries('amdhip64')[0]))._handle)"
    )

    assert shared.python("-c", code).stdout == "True\n"


def test_a_program_runs_from_the_devel_tree_with_its_arguments(shared: Environment) -> None:
    done = shared.script("hipcc", "a b", 'say "x"', "--version")

    program = path_of(shared.site / rocm.ROOT / "bin" / "hipcc.exe")
    assert (done.returncode, done.stdout) == (0, f'{program} [a b] [say "x"] [--version]\n')


@pytest.mark.parametrize("code", [3, 255, 0xC0000135, 0x80000003])
def test_exit_codes_keep_their_value(shared: Environment, code: int) -> None:
    outer = "import subprocess, sys; print(hex(subprocess.run(sys.argv[1:], stdout=subprocess.PIPE).returncode))"
    script = path_of(shared.directory / "Scripts" / "hipcc.exe")

    assert shared.python("-c", outer, script, hex(code)).stdout == f"{code:#x}\n"


@pytest.mark.slow
def test_a_program_that_is_none_is_a_sentence(installed: Environment) -> None:
    program = installed.site / rocm.CORE / "bin" / "hipcc.exe"
    program.unlink()
    program.write_bytes(b"MZ not a program")

    done = installed.script("hipcc")

    assert done.returncode == 1
    assert done.stderr.startswith(f"{path_of(installed.site / rocm.ROOT)}\\bin\\hipcc.exe: cannot be run: ")
    assert "Traceback" not in done.stderr


def replace_a_dll_that_is_loaded(installed: Environment) -> tuple[int, str]:
    """Return what init answers while a process has the DLL loaded that it would replace; then it must succeed."""
    hold = "import rocm_sdk, sys; rocm_sdk.preload_libraries('amdhip64'); print('loaded', flush=True); sys.stdin.read()"
    source = installed.site / rocm.CORE / "bin" / "amdhip64_7.dll"
    holder = installed.wine.start(installed.directory / "python.exe", "-c", hold)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"loaded"
        content = source.read_bytes()
        source.unlink()
        source.write_bytes(content + b"newer")

        done = installed.script("rocm-sdk", "init")
    finally:
        holder.communicate(b"", timeout=60)

    assert installed.script("rocm-sdk", "init").stdout.endswith(": 6 links, 1 made, 0 removed\n")
    return done.returncode, done.stderr


@pytest.mark.parametrize("times", [1, pytest.param(20, marks=pytest.mark.slow)])
def test_a_dll_that_is_loaded_is_named_when_it_has_to_be_replaced(installed: Environment, times: int) -> None:
    installed.script("rocm-sdk", "init")

    answers = [replace_a_dll_that_is_loaded(installed) for _ in range(times)]

    link = installed.site / rocm.ROOT / "bin" / "amdhip64_7.dll"
    message = (
        f"rocm-sdk: error: {path_of(link)}: cannot be replaced: a program has it loaded or open; end it and run "
        "'rocm-sdk init' again\n"
    )
    assert answers == [(1, message)] * times


@pytest.mark.slow
@pytest.mark.parametrize("made", [False, True], ids=["before init", "after init"])
def test_an_uninstall_leaves_nothing(installed: Environment, made: bool) -> None:
    if made:
        installed.script("rocm-sdk", "init")

    installed.pip("uninstall", "-q", "-y", "rocm", "rocm-sdk-core", rocm.LIBRARIES, rocm.DEVEL)

    assert {path.name for path in installed.site.iterdir()} == NOTHING
    assert not (installed.directory / "Scripts" / "hipcc.exe").exists()


def doctor(python: Environment, **variables: str) -> dict[str, object]:
    done = python.script("rocm-sdk", "doctor", "--json", **variables)
    report: dict[str, object] = json.loads(done.stdout)
    return report


def test_the_doctor_knows_windows(installed: Environment, windows: Wine) -> None:
    driver = windows.system32 / "amdhip64_7.dll"
    shutil.copy2(installed.site / rocm.CORE / "bin" / "amdhip64_7.dll", driver)
    beside = installed.directory / "rocm_kpack.dll"
    shutil.copy2(driver, beside)
    try:
        report = doctor(installed, HIP_PATH="C:\\Program Files\\AMD\\ROCm\\6.4\\")
    finally:
        driver.unlink()

    bin_ = f"{path_of(installed.site)}\\{rocm.CORE}\\bin"
    assert report["windows"] == {
        "amdhip64_7.dll": f"10.0.3581.0 in {bin_}, 10.0.3581.0 in C:\\windows\\System32",
        "Microsoft's C++ runtime": "not needed",
    }
    assert report["problems"] == [
        "HIP_PATH is C:\\Program Files\\AMD\\ROCm\\6.4\\, which hipcc and clang obey: they do not use this ROCm; run: "
        "set HIP_PATH=",
        f"{path_of(beside)}: lies beside python.exe, so it is loaded instead of ROCm's own; remove it",
    ]
    assert report["gpus"] == {"found": "none"}


def test_uv_installs_too(python: Environment, dist: Path, uv: Path) -> None:
    python.uv(uv, "install", "-q", "--no-index", "--find-links", path_of(dist), "rocm", rocm.LIBRARIES, rocm.DEVEL)

    assert total(python, "hipblas") == "11220"
    assert python.script("rocm-sdk", "init").stdout.endswith("6 links, 6 made, 0 removed\n")
    python.uv(uv, "uninstall", "-q", "rocm", "rocm-sdk-core", rocm.LIBRARIES, rocm.DEVEL)
    assert {path.name for path in python.site.iterdir()} == NOTHING
