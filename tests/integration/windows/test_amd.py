"""AMD's own DLLs of ROCm 7.14, as far as PyPI has them, in our layout under Wine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.doit_process import Doit
from tests.support.pe_files import facts_of
from tests.support.windows import downloads
from tests.support.windows.wine import Environment, Wine, environment
from tests.support.windows.wine import windows as path_of

pytestmark = pytest.mark.slow

LIBRARIES = ("amd_comgr", "amdhip64", "hipfft", "hiprtc", "rocm_kpack")
SIGNATURE = 10704  # bytes of AMD's signature at the end of each of their DLLs
WHAT = {"per-family": "rocm[libraries-gfx110x-all]", "kpack-split": "rocm[libraries]"}
VERSION = "7.14.0.dev0"
CORE = "_rocm_sdk_core"
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
def dists(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Layout -> what the build makes of the artifacts of ``doit windows-artifacts``."""
    made = {}
    for layout in WHAT:
        doit = Doit(directory=tmp_path_factory.mktemp(layout))
        artifacts = doit.build / f"{layout}-windows"
        runs = [doit("windows-artifacts", f"layout={layout}")]
        runs += [doit(task, f"artifact_dir={artifacts}", f"version={VERSION}") for task in ("index", "verify")]
        assert [finished.code for finished in runs] == [0, 0, 0], [finished.out + finished.err for finished in runs]
        made[layout] = doit.dist
    return made


@pytest.fixture(scope="module")
def amds(windows: Wine, dists: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Environment]:
    """Layout -> a Python with AMD's DLLs."""
    return {
        layout: installed(environment(windows, tmp_path_factory.mktemp(f"amd-{layout}") / "python"), dist, layout)
        for layout, dist in dists.items()
    }


@pytest.fixture
def amd(amds: dict[str, Environment]) -> Environment:
    return amds["per-family"]


def installed(python: Environment, dist: Path, layout: str) -> Environment:
    python.pip("install", "-q", "--find-links", path_of(dist), f"{WHAT[layout]}=={VERSION}")
    return python


@pytest.mark.parametrize("layout", WHAT)
def test_signed_dlls_are_installed_as_amd_made_them(amds: dict[str, Environment], layout: str, tmp_path: Path) -> None:
    shipped = {path.name: path for path in amds[layout].site.glob("_rocm_sdk_*/bin/*.dll")}
    amd = {path.name: path for path in downloads.binaries(downloads.AMD, tmp_path)}

    assert set(amd) - set(shipped) == {"dfttest2_hip.dll"}  # which uses them
    for name, path in shipped.items():
        facts = facts_of(path)
        assert path.read_bytes() == amd[name].read_bytes()
        assert facts is not None
        assert facts.signature == SIGNATURE


@pytest.mark.parametrize("name", LIBRARIES)
@pytest.mark.parametrize("layout", WHAT)
def test_each_loads_in_a_process_of_its_own(amds: dict[str, Environment], layout: str, name: str) -> None:
    code = f"import rocm_sdk; rocm_sdk.initialize_process(preload_shortnames=[{name!r}])\n"
    code += f"print(rocm_sdk.find_libraries({name!r})[0].name)"

    done = amds[layout].python("-c", code)

    assert done.returncode == 0, done.stderr
    assert name in done.stdout


@pytest.mark.parametrize("layout", WHAT)
def test_a_kernel_is_compiled_for_a_gpu_that_is_not_there(amds: dict[str, Environment], layout: str) -> None:
    done = amds[layout].python("-c", COMPILE)

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
    bin_ = f"{path_of(amd.site)}\\{CORE}\\bin"
    assert f"  amdhip64_7.dll: 10.0.3581.0 in {bin_}, 10.0.3665.0 in C:\\windows\\System32\n" in doctor.stdout


def test_without_microsofts_runtime_the_sentence_says_what_to_install(
    windows: Wine, dists: dict[str, Path], tmp_path: Path
) -> None:
    python = installed(environment(windows, tmp_path / "python"), dists["per-family"], "per-family")
    hidden = [place / name for place in (python.directory, windows.system32) for name in RUNTIME]
    kept = [(file, file.read_bytes()) for file in hidden if file.exists()]
    variables = {"WINEDLLOVERRIDES": ",".join(name.removesuffix(".dll") for name in RUNTIME) + "=n"}
    try:
        for file, _ in kept:
            file.unlink()
        done = python.python("-c", "import rocm_sdk; rocm_sdk.preload_libraries('hipfft')", **variables)
        doctor = python.script("rocm-sdk", "doctor", **variables)
    finally:
        for file, content in kept:
            file.write_bytes(content)

    path = f"{path_of(python.site)}\\{CORE}\\bin\\amd_comgr.dll"
    remedy = "install https://aka.ms/vs/17/release/vc_redist.x64.exe"
    assert done.stderr.splitlines()[-1] == (
        f"OSError: {path}: cannot be loaded: there is no msvcp140.dll of Microsoft's C++ runtime; {remedy}"
    )
    assert (
        f"  Microsoft's C++ runtime is not complete: no msvcp140.dll, msvcp140_atomic_wait.dll; {remedy}\n"
        in doctor.stdout
    )
