"""pip and uv: build the sdist offline, install, and after ``init`` remove everything again."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.support import small_rocm
from tests.support.devel_tree import COMPLETE, ROOT, everything, listing
from tests.support.environments import Environment, make_environment
from tests.support.pythons import find_python
from tests.support.small_rocm import FAMILY

CORE, LIBRARIES, DEVEL = "rocm-sdk-core", f"rocm-sdk-libraries-{FAMILY}", f"rocm-sdk-devel-{FAMILY}"


@pytest.fixture(params=["uv", pytest.param("pip", marks=pytest.mark.slow)])
def venv(request: pytest.FixtureRequest, tmp_path: Path, dist: Path) -> Environment:
    return make_environment(request.param, tmp_path, dist)


@pytest.mark.parametrize("venv", ["pip", "uv"], indirect=True)
def test_explicit_extras_install_offline_and_work(venv: Environment) -> None:
    venv.install(f"rocm[libraries-{FAMILY},devel-{FAMILY}]")

    root = venv.site / ROOT
    assert venv.run("rocm-sdk", "path", "--root").out == f"{root}\n"
    assert venv.run("hipcc", "a b").out == f"{root}/bin/hipcc a b\n"
    assert venv.run("rocminfo").out == f"{venv.site}/_rocm_sdk_core/bin/rocminfo\n"
    assert venv.run("rocm-sdk", "check").out.endswith(" files and 10 links checked: all right\n")
    assert listing(venv.site) == COMPLETE


def test_the_variable_chooses_the_family(venv: Environment) -> None:
    venv.install("rocm[libraries,devel]", ROCM_SDK_TARGET_FAMILY="gfx942")

    assert venv.run("rocm-sdk", "path", "--root").out == f"{venv.site / ROOT}\n"


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_a_wrong_variable_is_told_in_the_installers_output(installer: str, tmp_path: Path, dist: Path) -> None:
    venv = make_environment(installer, tmp_path, dist)

    with pytest.raises(AssertionError) as caught:
        venv.install("rocm[libraries]", ROCM_SDK_TARGET_FAMILY="gfx90X")

    text = str(caught.value)
    sentence = "ROCM_SDK_TARGET_FAMILY: 'gfx90X' is no family of rocm 10.1.0; use one of gfx120X-all, gfx94X-dcgpu"
    assert sentence in text
    assert "Traceback" not in text


def test_without_a_choice_the_installer_says_that_there_is_no_such_extra(venv: Environment) -> None:
    said = venv.install("rocm[libraries]==10.1.0")

    assert "libraries" in said
    assert "extra" in said
    assert not list(venv.site.glob("_rocm_sdk_libraries*"))


@pytest.mark.parametrize("first", [CORE, DEVEL], ids=["core first", "devel first"])
def test_after_uninstall_nothing_is_left(venv: Environment, first: str) -> None:
    before = everything(venv.site)
    venv.install(f"{CORE}==10.1.0", f"{LIBRARIES}==10.1.0", f"{DEVEL}==10.1.0", "rocm")
    assert venv.run("rocm-sdk", "init").code == 0

    venv.uninstall(first)
    venv.uninstall(*[name for name in (CORE, DEVEL, LIBRARIES, "rocm") if name != first])

    assert everything(venv.site) == before


def test_uninstall_of_core_alone_leaves_a_devel_that_is_removed_whole(venv: Environment) -> None:
    venv.install(f"{CORE}==10.1.0", f"{LIBRARIES}==10.1.0", f"{DEVEL}==10.1.0")
    venv.run("hipcc")
    venv.uninstall(CORE)
    assert not (venv.site / "_rocm_sdk_core").exists()

    venv.uninstall(DEVEL)

    assert not (venv.site / ROOT).exists()


def test_after_an_upgrade_the_first_use_makes_the_tree_of_the_new_version(venv: Environment) -> None:
    venv.install(f"{CORE}==10.1.0", f"{LIBRARIES}==10.1.0", f"{DEVEL}==10.1.0")
    venv.run("hipcc")
    (venv.site / ROOT / "by-hand").write_text("goes with the tree")

    venv.install(f"{CORE}==10.2.0", f"{LIBRARIES}==10.2.0", f"{DEVEL}==10.2.0")
    done = venv.run("hipcc")

    assert done.out == f"{venv.site / ROOT}/bin/hipcc\n", done.err
    assert listing(venv.site) == COMPLETE


@pytest.mark.parametrize("venv", ["pip", "uv"], indirect=True)
def test_init_killed_then_uninstalled_leaves_nothing(venv: Environment) -> None:
    before = everything(venv.site)
    venv.install(f"{CORE}==10.1.0", f"{LIBRARIES}==10.1.0", f"{DEVEL}==10.1.0")
    code = f"from rocm_sdk_core import _devel, _make\n{KILL_AFTER_FIVE}\n_devel.make({str(venv.site)!r}, {ROOT!r})"

    killed = venv.run("python", "-c", code)
    assert killed.code == -signal.SIGKILL
    assert len(listing(venv.site)) < len(COMPLETE)
    venv.uninstall(CORE, DEVEL, LIBRARIES)

    assert everything(venv.site) == before


KILL_AFTER_FIVE = """
import os
made = []
original = _make.make_link
def counted(*arguments):
    original(*arguments)
    made.append(1)
    if len(made) == 5:
        os.kill(os.getpid(), 9)
_make.make_link = counted
"""


@pytest.mark.parametrize("version", ["3.10", "3.12", "3.13", "3.14"])
def test_other_pythons_build_init_and_load(version: str, tmp_path: Path, dist: Path, real_site: Path) -> None:
    python = find_python(version)
    root = f"{real_site}/{ROOT}"
    code = "import rocm_sdk; rocm_sdk.initialize_process(preload_shortnames=['hipblas'], check_version='10.*'); "
    done = small_rocm.run_python(
        real_site,
        "-W",
        "error",
        "-c",
        code + "from rocm_sdk.__main__ import main; main(['path', '--root'])",
        python=python,
    )
    assert (done.stdout, done.stderr) == (f"{root}\n", "")
    tests = small_rocm.run_python(real_site, "-W", "error", "-m", "rocm_sdk", "test", python=python)
    assert (tests.returncode, tests.stderr) == (0, "")
    sdist = small_rocm.sdist_tree(tmp_path / "rocm-10.1.0")
    build = small_rocm.run_python(
        sdist, "-W", "error", "-c", f"import _rocm_backend as b; print(b.build_wheel({str(tmp_path)!r}))", python=python
    )
    assert (build.stdout, build.stderr) == ("rocm-10.1.0-py3-none-any.whl\n", "")
