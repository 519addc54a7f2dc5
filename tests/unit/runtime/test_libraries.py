"""The API that programs call: libraries are found and loaded, once, or a sentence says what to install."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support import small_rocm
from tests.support.devel_tree import ROOT
from tests.support.small_rocm import FAMILY

OTHER = "gfx120X-all"
MAPPED = (
    "names = [line.split(maxsplit=5)[5].strip() for line in open('/proc/self/maps') if '.so' in line]\n"
    "found = sorted({name for name in names if 'amdhip64' in name or 'hipblas' in name})\n"
    "print(*[name.rpartition('/')[2] for name in found])\n"
)


def python(site: Path, code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return small_rocm.run_python(site, "-c", f"import rocm_sdk\n{code}", **variables)


def error(site: Path, code: str, **variables: str) -> str:
    done = python(site, code, **variables)
    assert done.returncode == 1
    return done.stderr.splitlines()[-1]


def test_the_version_is_the_builds(site: Path) -> None:
    assert python(site, "print(rocm_sdk.__version__)").stdout == "10.1.0\n"


def test_libraries_are_found_in_the_order_asked_for(site: Path) -> None:
    done = python(site, "print(*rocm_sdk.find_libraries('hipblas', 'amdhip64'), sep='\\n')")

    assert done.stdout.splitlines() == [
        f"{site}/_rocm_sdk_libraries_gfx94X_dcgpu/lib/libhipblas.so.3",
        f"{site}/_rocm_sdk_core/lib/libamdhip64.so.7",
    ]
    assert done.stderr == ""


def test_a_forwarder_beside_the_library_is_passed_over(site: Path) -> None:
    (site / "_rocm_sdk_core/lib/libamdhip64.so").write_bytes(b"forwarder")

    assert python(site, "print(rocm_sdk.find_libraries('amdhip64')[0].name)").stdout == "libamdhip64.so.7\n"


def test_an_unknown_name_is_answered_with_those_there_are(site: Path) -> None:
    assert error(site, "rocm_sdk.find_libraries('cudart')") == (
        "ModuleNotFoundError: rocm 10.1.0 has no library 'cudart'; it has: amd_smi, amdhip64, hipblas, rocdxg"
    )


def test_a_package_that_is_not_installed_is_answered_with_the_extra(site: Path) -> None:
    small_rocm.remove(site, "_rocm_sdk_libraries_gfx94X_dcgpu")

    assert error(site, "rocm_sdk.find_libraries('hipblas')") == (
        "ModuleNotFoundError: rocm-sdk-libraries is not installed; install it with: "
        f"{small_rocm.pip(site)} 'rocm[libraries-gfx120x-all]==10.1.0' or "
        f"{small_rocm.pip(site)} 'rocm[libraries-gfx94x-dcgpu]==10.1.0'{small_rocm.SOURCE}"
    )


def test_many_extras_are_a_list(tmp_path: Path) -> None:
    families = [f"gfx{number}" for number in range(900, 914)]
    extras = {f"libraries-{family}": [f"rocm-sdk-libraries-{family}==10.1.0"] for family in families}
    small_rocm.core().unpack(tmp_path)
    small_rocm.meta_wheel(small_rocm.build_facts(families=families, extras=extras)).unpack(tmp_path)

    assert error(tmp_path, "rocm_sdk.find_libraries('hipblas')") == (
        "ModuleNotFoundError: rocm-sdk-libraries is not installed; install one of the extras of rocm==10.1.0: "
        "libraries-gfx900, libraries-gfx901, libraries-gfx902, libraries-gfx903, libraries-gfx904, libraries-gfx905, "
        "libraries-gfx906, libraries-gfx907, libraries-gfx908, libraries-gfx909 and 4 more"
    )


def test_without_core_the_sentence_names_core(site: Path) -> None:
    shutil.rmtree(site / "rocm_sdk_core")

    assert error(site, "rocm_sdk.find_libraries('amdhip64')") == (
        "ModuleNotFoundError: rocm-sdk-core is not installed; install it with: pip install rocm-sdk-core==10.1.0"
        f"{small_rocm.SOURCE}"
    )


def test_a_library_that_its_package_lacks_is_a_file_not_found(site: Path) -> None:
    assert error(site, "rocm_sdk.find_libraries('amd_smi')") == (
        f"FileNotFoundError: {site}/_rocm_sdk_core/lib/libamd_smi.so*: the installed package has no library 'amd_smi'"
    )


def test_an_optional_library_that_is_absent_is_left_out(site: Path) -> None:
    assert python(site, "print(rocm_sdk.find_libraries('rocdxg'))").stdout == "[]\n"


def test_a_library_that_windows_does_not_have_is_left_out_there(site: Path) -> None:
    dll = site / "_rocm_sdk_core/bin/amdhip64_7.dll"
    dll.write_bytes(b"MZ")

    code = "import sys; sys.platform = 'win32'\nprint(*rocm_sdk.find_libraries('amdhip64', 'amd_smi'))"

    assert python(site, code).stdout == f"{dll}\n"


def test_with_two_families_the_variable_chooses(site: Path) -> None:
    small_rocm.libraries(OTHER).unpack(site)
    code = "print(rocm_sdk.find_libraries('hipblas')[0].parts[-3])"

    assert python(site, code, ROCM_SDK_TARGET_FAMILY=OTHER).stdout == "_rocm_sdk_libraries_gfx120X_all\n"
    assert python(site, code, ROCM_SDK_TARGET_FAMILY=FAMILY).stdout == "_rocm_sdk_libraries_gfx94X_dcgpu\n"


def test_with_two_families_the_gpu_chooses(site: Path) -> None:
    small_rocm.libraries(OTHER).unpack(site)
    code = "print(rocm_sdk.find_libraries('hipblas')[0].parts[-3])"

    done = python(site, code, ROCM_BOOTSTRAP_FORCE_GFX_ARCH="gfx1201,gfx1200")

    assert done.stdout == "_rocm_sdk_libraries_gfx120X_all\n"


@pytest.mark.parametrize(
    ("gpus", "seen"), [("", "no AMD GPU"), ("gfx942,gfx1200", "no GPU of just one of them")], ids=["none", "both"]
)
def test_with_two_families_and_nothing_that_chooses_both_are_named(site: Path, gpus: str, seen: str) -> None:
    small_rocm.libraries(OTHER).unpack(site)

    assert error(site, "rocm_sdk.find_libraries('hipblas')", ROCM_BOOTSTRAP_FORCE_GFX_ARCH=gpus) == (
        "rocm_sdk._installed.UndecidedFamily: rocm-sdk-libraries is installed for 2 families (gfx120X-all, "
        f"gfx94X-dcgpu), and {seen} was found; set ROCM_SDK_TARGET_FAMILY to one of them"
    )


def test_a_variable_for_a_family_that_is_not_installed_is_reported(site: Path) -> None:
    assert error(site, "rocm_sdk.find_libraries('hipblas')", ROCM_SDK_TARGET_FAMILY=OTHER) == (
        "ModuleNotFoundError: ROCM_SDK_TARGET_FAMILY is gfx120X-all, but rocm-sdk-libraries is installed for "
        f"gfx94X-dcgpu; unset it, or install it with: {small_rocm.pip(site)} 'rocm[libraries-gfx120x-all]==10.1.0'"
        f"{small_rocm.SOURCE}"
    )


def test_a_wrong_variable_lists_the_right_ones(site: Path) -> None:
    assert error(site, "rocm_sdk.find_libraries('hipblas')", ROCM_SDK_TARGET_FAMILY="gfx90X").endswith(
        "SdkError: ROCM_SDK_TARGET_FAMILY: 'gfx90X' is no family of rocm 10.1.0; use one of gfx120X-all, gfx94X-dcgpu"
    )


def test_libraries_are_loaded_with_those_they_need(real_site: Path) -> None:
    done = python(real_site, "rocm_sdk.initialize_process(preload_shortnames=['hipblas', 'amdhip64'])\n" + MAPPED)

    assert done.stdout == "libamdhip64.so.7 libhipblas.so.3\n", done.stderr


def test_symbols_are_global_unless_asked_otherwise(real_site: Path) -> None:
    code = """
import ctypes
rocm_sdk.preload_libraries('amdhip64', rtld_global={})
print(hasattr(ctypes.CDLL(None), 'hip'))
"""

    assert python(real_site, code.format(True)).stdout == "True\n"
    assert python(real_site, code.format(False)).stdout == "False\n"


@pytest.mark.parametrize("copied", [False, True], ids=["linked", "copied file by file"])
def test_a_library_is_mapped_once_whether_found_through_core_or_devel(
    real_site: Path, tmp_path: Path, copied: bool
) -> None:
    assert python(real_site, "from rocm_sdk.__main__ import main; main(['init', '--quiet'])").stderr == ""
    site = real_site
    if copied:
        site = tmp_path / "a copy"
        shutil.copytree(real_site, site, symlinks=True)
    code = (
        "import ctypes\nrocm_sdk.preload_libraries('hipblas')\n"
        f"hip = ctypes.CDLL({str(site / ROOT / 'lib/libamdhip64.so')!r})\n"
        "print(ctypes.c_int.in_dll(hip, 'constructed').value)\n"
    )

    assert python(site, code + MAPPED).stdout == "1\nlibamdhip64.so.7 libhipblas.so.3\n"


def test_the_environment_adds_libraries(real_site: Path) -> None:
    code = "rocm_sdk.initialize_process()\n" + MAPPED

    done = python(real_site, code, ROCM_SDK_PRELOAD_LIBRARIES="amdhip64; hipblas,")

    assert done.stdout == "libamdhip64.so.7 libhipblas.so.3\n"


def test_the_environment_is_left_out_on_request(real_site: Path) -> None:
    code = "rocm_sdk.initialize_process(env_override=False)\n" + MAPPED

    assert python(real_site, code, ROCM_SDK_PRELOAD_LIBRARIES="amdhip64").stdout == "\n"


@pytest.mark.parametrize("pattern", ["'10.1.0'", "'10.*'", "'*'", "''", "re.compile(r'10\\.\\d')"])
def test_a_version_that_matches_is_silent(site: Path, pattern: str) -> None:
    code = f"import re\nrocm_sdk.initialize_process(check_version={pattern}, fail_on_version_mismatch=True)"

    done = python(site, code)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("pattern", ["10.1", "10.1.00", "10x1*", "1*.2"])
def test_a_version_that_does_not_match_raises_if_asked(site: Path, pattern: str) -> None:
    code = f"rocm_sdk.initialize_process(check_version={pattern!r}, fail_on_version_mismatch=True)"

    assert error(site, code) == (
        f"RuntimeError: The program was compiled against a ROCm version matching {pattern!r}, but rocm 10.1.0 is "
        "installed; install the rocm that it wants, or a build of the program for rocm 10.1.0"
    )


def test_a_version_that_does_not_match_warns_the_caller(site: Path) -> None:
    done = small_rocm.run_python(
        site, "-W", "always", "-c", "import rocm_sdk\nrocm_sdk.initialize_process(check_version='9.*')"
    )

    assert done.returncode == 0
    assert done.stderr.splitlines()[0] == (
        "<string>:2: UserWarning: The program was compiled against a ROCm version matching '9.*', but rocm 10.1.0 is "
        "installed; install the rocm that it wants, or a build of the program for rocm 10.1.0"
    )
