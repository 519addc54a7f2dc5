"""Commands that end a problem: each is run as it is printed, by the installer that brought the packages."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import small_rocm
from tests.support.devel_tree import ROOT
from tests.support.environments import UV, Environment, make_environment, newest_pip, run
from tests.support.small_rocm import FAMILY, SOURCE

CORE, LIBRARIES, DEVEL = "rocm-sdk-core", f"rocm-sdk-libraries-{FAMILY}", f"rocm-sdk-devel-{FAMILY}"
HIP = "_rocm_sdk_core/lib/libamdhip64.so.7"


@pytest.fixture(params=["uv", pytest.param("pip", marks=pytest.mark.slow)])
def venv(request: pytest.FixtureRequest, tmp_path: Path, dist: Path) -> Environment:
    made = make_environment(request.param, tmp_path, dist)
    made.install("rocm", *(f"{name}==10.1.0" for name in (CORE, LIBRARIES, DEVEL)))
    return made


def follow(venv: Environment, command: str) -> None:
    """Run a printed command in a shell where the installers know the place of the wheels, which the words ask for."""
    command, words, after = command.partition(SOURCE)
    assert words
    places = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(venv.dist), "UV_OFFLINE": "1", "UV_NO_INDEX": "1"}
    pip = f'pip() {{ "{venv.bin}/python" "{newest_pip()}/pip" "$@"; }}\nset -e\n'
    path = os.pathsep.join(map(str, (venv.bin, UV.parent, venv.variables()["PATH"])))
    variables = venv.variables() | places | {"UV_FIND_LINKS": str(venv.dist), "PATH": path}
    done = run("bash", "-c", pip + command + _then(after), cwd=venv.directory, **variables)
    assert done.code == 0, done.out + done.err


def _then(words: str) -> str:
    """Return what the words after the source tell to do."""
    _, remove, path = words.partition(", then remove ")
    return (f"\nrm {path.partition(' and ')[0]}" if remove else "") + ("\nrocm-sdk init" if "init" in words else "")


def remedy(venv: Environment, *requirements: str) -> str:
    """Return the command that installs these again, as the installed core prints it."""
    code = f"from rocm_sdk_core import _remedy; print(_remedy.install({str(venv.site)!r}, {requirements}, again=True))"
    return venv.run("python", "-c", code).out.strip()


def problems(venv: Environment) -> list[str]:
    """Return what ``rocm-sdk doctor`` says is wrong."""
    return json.loads(venv.run("rocm-sdk", "doctor", "--json").out)["problems"]


def test_a_file_that_was_damaged_in_place_is_repaired_though_the_installers_cache_has_it_damaged(
    venv: Environment,
) -> None:
    before = (venv.site / HIP).read_bytes()
    (venv.site / HIP).write_bytes(b"damaged")

    follow(venv, remedy(venv, f"{CORE}==10.1.0"))

    assert (venv.site / HIP).read_bytes() == before


SPOIL: dict[str, Callable[[Path], object]] = {
    "a library gone": lambda site: (site / HIP).unlink(),
    "a library cut": lambda site: os.truncate(site / HIP, 1),
    "a program cut": lambda site: os.truncate(site / "_rocm_sdk_core/bin/rocminfo", 1),
    "a package gone": lambda site: shutil.rmtree(site / "_rocm_sdk_libraries_gfx94X_dcgpu"),
    "a devel tree gone": lambda site: shutil.rmtree(site / ROOT),
    "part of a devel tree gone": lambda site: shutil.rmtree(site / ROOT / "include"),
}


@pytest.mark.parametrize("name", SPOIL)
def test_what_doctor_says_of_damage_ends_it(venv: Environment, name: str) -> None:
    assert venv.run("rocm-sdk", "init").code == 0
    SPOIL[name](venv.site)

    [problem] = problems(venv)
    follow(venv, problem.partition("reinstall with: ")[2])

    assert problems(venv) == []
    assert venv.run("rocm-sdk", "check").err == ""


def test_what_check_says_of_a_changed_file_ends_it(venv: Environment) -> None:
    (venv.site / "_rocm_sdk_core/share/hip/a.txt").write_text("b\n")

    said = venv.run("rocm-sdk", "check").err
    follow(venv, said.partition("reinstall with: ")[2])

    assert venv.run("rocm-sdk", "check").err == ""


def test_mixed_versions_end_when_one_version_of_all_is_installed_with_rocm_itself(venv: Environment) -> None:
    newer = small_rocm.meta_wheel(small_rocm.build_facts(version="10.2.0")).write(venv.directory / "newer")
    venv.install("--no-deps", str(newer), f"{LIBRARIES}==10.2.0", f"{DEVEL}==10.2.0")

    [problem] = problems(venv)
    follow(venv, problem.partition("such as: ")[2])

    assert problems(venv) == []
