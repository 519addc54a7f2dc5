"""`doit develop:...` as a user starts it: settings, names, what it says; a changed program; both layouts."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.doit_process import Doit, Finished
from tests.support.environments import Environment, make_environment

PROGRAM = "core-hip_run_generic/core/clr/stage/bin/roc-obj-ls"


@pytest.fixture
def environment(tmp_path) -> Environment:
    return make_environment("uv", tmp_path / "environment", tmp_path / "dist")


@pytest.fixture
def develop(doit, environment):
    def run(*names: str, **settings: str):
        given = {"venv": str(environment.directory / "venv"), **settings}
        return doit(*(f"develop:{name}" for name in names), *(f"{name}={value}" for name, value in given.items()))

    return run


def said(done: Finished) -> str:
    """Return what develop said; slow steps before it have lines of their own."""
    return next(line for line in done.lines if line.startswith("develop "))


def test_a_changed_program_runs_from_the_devel_tree(develop, environment, artifacts):
    first = develop("gfx94X-dcgpu")
    program = environment.root() / "bin/roc-obj-ls"
    (artifacts / PROGRAM).write_text("#!/bin/sh\necho changed\n")

    second = develop("gfx94X-dcgpu")

    assert re.fullmatch(r"develop .*/venv: \d+ files written, 0 removed in .* s", said(first))
    assert said(second).startswith(f"develop {environment.directory}/venv: 3 files written, 0 removed in ")
    assert subprocess.run([program], capture_output=True, text=True, check=True).stdout == "changed\n"
    assert environment.run("rocm-sdk", "check").code == 0


def test_no_wheel_is_built(develop, doit):
    assert develop("gfx94X-dcgpu").code == 0

    assert not (doit.build / "wheel").exists()


def test_two_families_in_one_run_leave_the_choice_to_the_machine(develop, environment):
    done = develop("gfx94X-dcgpu", "gfx120X-all")

    assert (done.code, done.err) == (0, "")
    assert [name for name in environment.installed if "libraries" in name] == [
        "rocm_sdk_libraries_gfx120x_all",
        "rocm_sdk_libraries_gfx94x_dcgpu",
    ]
    metadata = next(environment.site.glob("rocm-1.0.dist-info/METADATA")).read_text()
    assert "Provides-Extra: libraries\n" not in metadata


def test_one_family_is_what_the_extras_of_rocm_stand_for(develop, environment):
    assert develop("gfx120X-all").code == 0

    metadata = next(environment.site.glob("rocm-1.0.dist-info/METADATA")).read_text()
    assert 'Requires-Dist: rocm-sdk-libraries-gfx120X-all==1.0 ; extra == "libraries"' in metadata


def test_a_new_version_takes_the_place_of_the_old(develop, doit, environment, tmp_path):
    assert develop("gfx94X-dcgpu").code == 0
    newer = Doit(directory=tmp_path, settings={**doit.settings, "version": "2.0"})
    assert newer("develop:gfx94X-dcgpu", f"venv={environment.directory / 'venv'}").code == 0

    assert {path.name.partition("-")[2] for path in environment.site.glob("*.dist-info")} == {"2.0.dist-info"}
    assert environment.run("rocm-sdk", "check").code == 0
    assert environment.run("rocm-sdk", "version").out == "2.0\n"


def test_without_an_environment_nothing_is_begun(doit):
    done = doit("develop:gfx94X-dcgpu")

    assert done.code == 3
    assert done.err == "ERROR: venv: is not set; `develop` needs venv=DIRECTORY, a virtual environment\n"


def test_a_directory_that_is_no_environment_is_told_before_anything_is_done(doit, tmp_path):
    done = doit("develop:gfx94X-dcgpu", f"venv={tmp_path / 'nothing'}")

    assert done.code == 3
    assert done.err == (
        f"ERROR: venv: {tmp_path}/nothing is no virtual environment: it has no pyvenv.cfg; make one with: python3 -m "
        f"venv {tmp_path}/nothing\n"
    )
    assert not (doit.build / "catalog").exists()


@pytest.mark.slow
def test_device_wheels_of_their_own(tmp_path):
    built = Doit(directory=tmp_path, settings={"layout": "kpack-split", "version": "1.0"})
    ours, theirs = (make_environment("uv", tmp_path / name, built.dist) for name in ("ours", "theirs"))
    assert built("index").code == 0
    targets = sorted(path.name for path in (built.build / "plan").iterdir() if path.name.startswith("gfx"))

    done = built(f"develop:{targets[0]}", f"venv={ours.directory / 'venv'}")
    theirs.install(f"rocm[libraries,devel,device-{targets[0]}]", ROCM_SDK_TARGET_FAMILY=targets[0])

    assert (done.code, done.err) == (0, "")
    assert ours.run("rocm-sdk", "check").code == 0
    assert set(theirs.installed) <= set(ours.installed)
    for file in theirs.site.glob("_rocm_sdk_libraries/**/*"):
        if file.is_file():
            assert (ours.site / file.relative_to(theirs.site)).read_bytes() == file.read_bytes()


def test_a_package_alone_is_put_alone(develop, environment):
    assert develop("generic:core").code == 0

    assert environment.installed == ["rocm_sdk_core"]
    assert Path(environment.bin / "hipcc").exists()
