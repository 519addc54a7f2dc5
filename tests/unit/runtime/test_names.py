"""The names of TheRock's packages: what published programs import, call and catch, and what they expect of it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support import small_rocm
from tests.support.devel_tree import ROOT
from tests.support.small_rocm import FAMILY

OTHER = "gfx120X-all"


def python(site: Path, code: str, **variables: str) -> str:
    done = small_rocm.run_python(site, "-c", code, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout


def error(site: Path, code: str, **variables: str) -> str:
    done = small_rocm.run_python(site, "-c", code, **variables)
    assert done.returncode == 1, done.stdout
    return done.stderr.splitlines()[-1]


TABLES = "from rocm_sdk import _dist_info as d\np = d.ALL_PACKAGES\n"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("d.__version__", "10.1.0"),
        ("d.PY_PACKAGE_SUFFIX_NONCE", ""),
        ("d.AVAILABLE_TARGET_FAMILIES", "['gfx120X-all', 'gfx94X-dcgpu']"),
        ("d.DEFAULT_TARGET_FAMILY", "gfx120X-all"),
        ("sorted(p)", "['core', 'devel', 'libraries', 'meta']"),
        ("[name for name in p if p[name].required]", "['meta', 'core']"),
        ("[name for name in p if p[name].is_target_specific]", "['libraries']"),
        ("p['core'].get_py_package_name()", "_rocm_sdk_core"),
        ("p['core'].get_dist_package_require()", "rocm-sdk-core==10.1.0"),
        ("p['core'].get_py_package('any').name", "_rocm_sdk_core"),
        ("p['meta'].pure_py_package_name", "rocm_sdk"),
        ("p['libraries'].pure_py_package_name", "rocm_sdk_libraries"),
        ("p['libraries'].dist_package_template", "rocm-sdk-libraries-{target_family}"),
        ("p['libraries'].get_dist_package_name('gfx94X-dcgpu')", "rocm-sdk-libraries-gfx94X-dcgpu"),
        ("p['libraries'].get_py_package_name('gfx94X-dcgpu')", "_rocm_sdk_libraries_gfx94X_dcgpu"),
        ("p['libraries'].has_py_package('gfx94X-dcgpu')", "True"),
        ("p['libraries'].has_py_package('gfx120X-all')", "False"),
        ("p['devel'].get_py_package_name()", "_rocm_sdk_devel"),
        ("p['devel'].has_py_package()", "True"),
        ("d.ALL_LIBRARIES['hipblas'].package.logical_name", "libraries"),
        (
            "d.ALL_LIBRARIES['hipblas'].posix_relpath, d.ALL_LIBRARIES['hipblas'].so_pattern",
            "lib libhipblas.so*",
        ),
        (
            "d.ALL_LIBRARIES['hipblas'].windows_relpath, d.ALL_LIBRARIES['hipblas'].dll_pattern",
            "bin *hipblas*.dll",
        ),
        ("d.ALL_LIBRARIES['amd_smi'].dll_pattern", ""),
        ("d.discover_current_target_family()", "None"),
        ("d.determine_target_family()", "gfx94X-dcgpu"),
    ],
)
def test_the_tables_are_there_under_their_names(site: Path, expression: str, value: str) -> None:
    assert python(site, f"{TABLES}print({expression})") == f"{value}\n"


def test_a_package_of_a_family_wants_to_know_which(site: Path) -> None:
    assert error(site, f"{TABLES}p['libraries'].get_py_package_name()") == (
        "ValueError: rocm-sdk-libraries-{target_family}: there is one a target family; name one of them"
    )


def test_the_family_is_the_gpus(site: Path) -> None:
    small_rocm.libraries(OTHER).unpack(site)
    code = f"{TABLES}print(d.discover_current_target_family(), d.determine_target_family())"

    assert python(site, code, ROCM_BOOTSTRAP_FORCE_GFX_ARCH="gfx1200") == "gfx120X-all gfx120X-all\n"


def test_a_variable_that_names_no_family_is_a_value_error(site: Path) -> None:
    assert error(site, f"{TABLES}d.determine_target_family()", ROCM_SDK_TARGET_FAMILY="x").startswith(
        "rocm_sdk._family.UnknownFamily: ROCM_SDK_TARGET_FAMILY: 'x' is no family of rocm 10.1.0"
    )
    code = "import rocm_sdk._family as f; print(issubclass(f.UnknownFamily, ValueError))"
    assert python(site, code) == "True\n"


def test_without_any_library_the_family_is_the_default(site: Path) -> None:
    shutil.rmtree(site / "_rocm_sdk_libraries_gfx94X_dcgpu")
    shutil.rmtree(site / ROOT)

    assert python(site, f"{TABLES}print(d.determine_target_family())") == "gfx120X-all\n"


@pytest.mark.parametrize("caught", ["ModuleNotFoundError", "ImportError", "RuntimeError"])
def test_an_undecided_family_is_caught_by_either_class(site: Path, caught: str) -> None:
    small_rocm.libraries(OTHER).unpack(site)
    code = f"import rocm_sdk\ntry: rocm_sdk.find_libraries('hipblas')\nexcept {caught}: print('caught')"

    assert python(site, code) == "caught\n"


def test_the_default_family_decides_where_there_is_one(site: Path) -> None:
    small_rocm.libraries(OTHER).unpack(site)
    small_rocm.meta_wheel(small_rocm.build_facts(default_family=FAMILY)).unpack(site)
    code = "import rocm_sdk\nprint(rocm_sdk.find_libraries('hipblas')[0].parts[-3])"

    assert python(site, code) == "_rocm_sdk_libraries_gfx94X_dcgpu\n"


def test_the_devel_root_is_made_and_returned(site: Path) -> None:
    code = "from rocm_sdk._devel import get_devel_root as g; r = g(); print(r, (r / 'bin/hipcc').is_file())"

    assert python(site, code) == f"{site}/{ROOT} True\n"


def test_without_devel_the_root_is_a_module_not_found(site: Path) -> None:
    small_rocm.remove(site, ROOT)

    pip = small_rocm.pip(site)
    assert error(site, "from rocm_sdk._devel import get_devel_root as g; g()") == (
        "ModuleNotFoundError: devel is not installed; install it with: "
        f"{pip} 'rocm[devel-gfx120x-all]==10.1.0' or {pip} 'rocm[devel-gfx94x-dcgpu]==10.1.0'{small_rocm.SOURCE}"
    )


@pytest.mark.parametrize("module", ["rocm_sdk_core", "rocm_sdk_libraries_gfx94X_dcgpu", "rocm_sdk_devel_gfx94X_dcgpu"])
def test_each_package_has_the_tables(site: Path, module: str) -> None:
    code = f"from {module} import _dist_info as d; print(d.__version__, d.ALL_PACKAGES['core'], hasattr(d, '__path__'))"

    assert python(site, code) == "10.1.0 rocm-sdk-core False\n"


@pytest.mark.parametrize("name", ["_rocm_sdk_core", "_rocm_sdk_libraries_gfx94X_dcgpu", ROOT])
def test_platform_directories_have_a_file(site: Path, name: str) -> None:
    code = f"import importlib.util as u, {name} as m; print(m.__file__, u.find_spec({name!r}).origin)"

    assert python(site, code) == f"{site}/{name}/__init__.py {site}/{name}/__init__.py\n"


def test_what_is_loaded_is_known_by_its_short_name(real_site: Path) -> None:
    code = (
        "import rocm_sdk\nrocm_sdk.preload_libraries('amdhip64')\nfirst = rocm_sdk._ALL_CDLLS['amdhip64']\n"
        "rocm_sdk.preload_libraries('amdhip64')\nprint(list(rocm_sdk._ALL_CDLLS), "
        "first is rocm_sdk._ALL_CDLLS['amdhip64'])"
    )

    assert python(real_site, code) == "['amdhip64'] True\n"


def test_arguments_of_later_releases_are_accepted(site: Path) -> None:
    assert python(site, "import rocm_sdk\nrocm_sdk.initialize_process(visible_devices=[0])") == ""


def test_an_unknown_name_in_the_variable_names_the_variable(site: Path) -> None:
    code = "import rocm_sdk\nrocm_sdk.initialize_process()"

    assert error(site, code, ROCM_SDK_PRELOAD_LIBRARIES="cudart") == (
        "RuntimeError: ROCM_SDK_PRELOAD_LIBRARIES is 'cudart': rocm 10.1.0 has no library 'cudart'; it has: amd_smi, "
        "amdhip64, hipblas, rocdxg; correct or unset it"
    )


def test_the_import_reads_no_data_file_and_imports_little(site: Path, tmp_path: Path) -> None:
    """As PyInstaller and a zip do: modules only."""
    modules = tmp_path / "modules"
    shutil.copytree(site / "rocm_sdk", modules / "rocm_sdk", ignore=lambda _, names: [n for n in names if ".json" in n])
    code = "import sys\nbefore = set(sys.modules)\nimport rocm_sdk\nprint(*sorted(set(sys.modules) - before))"
    done: subprocess.CompletedProcess[str] = small_rocm.run_python(modules, "-S", "-c", code)

    assert (done.stdout, done.stderr) == ("__future__ rocm_sdk rocm_sdk._build_facts\n", "")


def test_the_self_test_can_be_run_by_unittest(real_site: Path) -> None:
    done = small_rocm.run_python(real_site, "-m", "unittest", "-v", "rocm_sdk.tests")

    assert "rocm_sdk.tests.files ... ok" in done.stderr
    assert "rocm_sdk.tests.gpu ... skipped 'no GPU'" in done.stderr
