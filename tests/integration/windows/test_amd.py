"""AMD's own DLLs of ROCm 7.14, as far as PyPI has them, in our layout under Wine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.windows import downloads, rocm
from tests.support.windows.wine import Environment, Wine, environment
from tests.support.windows.wine import windows as path_of

pytestmark = pytest.mark.slow

LIBRARIES = ("amd_comgr", "amdhip64", "hipfft", "hiprtc", "rocfft", "rocm_kpack")
COMPILE = r"""
import ctypes, struct
from ctypes import byref
import rocm_sdk

rocm_sdk.initialize_process(preload_shortnames=["hiprtc"])
rtc = ctypes.CDLL(str(rocm_sdk.find_libraries("hiprtc")[0]))
program, size = ctypes.c_void_p(), ctypes.c_size_t()
source = b'extern "C" __global__ void twice(float *x) { x[threadIdx.x] *= 2; }'
assert rtc.hiprtcCreateProgram(byref(program), source, b"twice.hip", 0, None, None) == 0
options = (ctypes.c_char_p * 1)(b"--offload-arch=gfx1100")
assert rtc.hiprtcCompileProgram(program, 1, options) == 0
assert rtc.hiprtcGetCodeSize(program, byref(size)) == 0
code = ctypes.create_string_buffer(size.value)
assert rtc.hiprtcGetCode(program, code) == 0
print(code.raw[:4], struct.unpack_from("<H", code.raw, 18)[0])
"""
RUNTIME = ("msvcp140.dll", "msvcp140_1.dll", "msvcp140_2.dll", "msvcp140_atomic_wait.dll", "msvcp140_codecvt_ids.dll")


@pytest.fixture(scope="module")
def amd(windows: Wine, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """A Python with AMD's DLLs, spread over the packages as a build does."""
    directory = tmp_path_factory.mktemp("amd")
    dist = rocm.amds(directory / "files").write(directory / "dist")
    python = environment(windows, directory / "python")
    python.pip("install", "-q", "--find-links", path_of(dist), "rocm", rocm.LIBRARIES)
    return python


@pytest.mark.parametrize("name", LIBRARIES)
def test_each_loads_in_a_process_of_its_own(amd: Environment, name: str) -> None:
    code = f"import rocm_sdk; rocm_sdk.preload_libraries({name!r}); print(rocm_sdk.find_libraries({name!r})[0].name)"

    done = amd.python("-c", code)

    assert done.returncode == 0, done.stderr
    assert name in done.stdout


def test_a_kernel_is_compiled_for_a_gpu_that_is_not_there(amd: Environment) -> None:
    done = amd.python("-c", COMPILE)

    assert (done.stdout, done.returncode) == ("b'\\x7fELF' 224\n", 0), done.stderr


def test_the_drivers_older_copy_does_not_get_in_the_way(amd: Environment, windows: Wine, tmp_path: Path) -> None:
    (older,) = (file for file in downloads.binaries("vapoursynth-nlm-hip", tmp_path) if file.name == "amdhip64_7.dll")
    driver = Path(shutil.copy2(older, windows.system32))
    code = (
        "import ctypes, rocm_sdk; rocm_sdk.preload_libraries('hipfft')\n"
        "from rocm_sdk import _windows\n"
        "print(sorted(path.name for path in _windows._loaded))\n"
        "print(_windows.file_version(rocm_sdk.find_libraries('amdhip64')[0]))"
    )
    try:
        done = amd.python("-c", code)
        doctor = amd.script("rocm-sdk", "doctor")
    finally:
        driver.unlink()

    loaded = ["amd_comgr.dll", "amdhip64_7.dll", "hipfft.dll", "hiprtc-builtins0714.dll", "hiprtc0714.dll"]
    assert done.stdout == f"{[*loaded, 'rocfft.dll', 'rocm_kpack.dll']}\n10.0.3581.0\n", done.stderr
    bin_ = f"{path_of(amd.site)}\\{rocm.CORE}\\bin"
    assert f"  amdhip64_7.dll: 10.0.3581.0 in {bin_}, 10.0.3665.0 in C:\\windows\\System32\n" in doctor.stdout


def test_without_microsofts_runtime_the_sentence_says_what_to_install(windows: Wine, tmp_path: Path) -> None:
    python = environment(windows, tmp_path / "python")
    dist = rocm.amds(tmp_path / "files").write(tmp_path / "dist")
    python.pip("install", "-q", "--find-links", path_of(dist), "rocm", rocm.LIBRARIES)
    hidden = [place / name for place in (python.directory, windows.system32) for name in RUNTIME]
    kept = [(file, file.read_bytes()) for file in hidden if file.exists()]
    variables = {"WINEDLLOVERRIDES": ",".join(name.removesuffix(".dll") for name in RUNTIME) + "=n"}
    try:
        for file, _ in kept:
            file.unlink()
        done = python.python("-c", "import rocm_sdk; rocm_sdk.preload_libraries('rocfft')", **variables)
        doctor = python.script("rocm-sdk", "doctor", **variables)
    finally:
        for file, content in kept:
            file.write_bytes(content)

    path = f"{path_of(python.site)}\\{rocm.CORE}\\bin\\amd_comgr.dll"
    remedy = "install https://aka.ms/vs/17/release/vc_redist.x64.exe"
    assert done.stderr.splitlines()[-1] == (
        f"OSError: {path}: cannot be loaded: there is no msvcp140.dll of Microsoft's C++ runtime; {remedy}"
    )
    assert (
        f"  Microsoft's C++ runtime is not complete: no msvcp140.dll, msvcp140_atomic_wait.dll; {remedy}\n"
        in doctor.stdout
    )
