"""Develop in real environments: the same as the wheels, taken over, taken away, refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.developing import (
    EVERYTHING,
    FAMILY,
    OWN,
    PACKAGES,
    files_of,
    holdings,
    request_for,
    run_develop,
)
from tests.support.environments import UV, Environment, make_environment, run
from tools.errors import UserError

BY_UV = ("/REQUESTED", "/uv_cache.json", "/uv_build.json")  # as uv sees it
ALL = (*PACKAGES, *OWN)


@pytest.fixture(scope="module")
def installed(sample_dist, tmp_path_factory) -> Environment:
    """What pip makes of the wheels; nobody may change it."""
    made = make_environment("pip", tmp_path_factory.mktemp("installed"), sample_dist)
    made.install(EVERYTHING, ROCM_SDK_TARGET_FAMILY=FAMILY)
    assert made.run("rocm-sdk", "init", "--quiet").code == 0
    return made


@pytest.fixture(scope="module")
def developed(clean_build, sample_dist, tmp_path_factory) -> Environment:
    """What develop makes of the artifacts; nobody may change it."""
    made = make_environment("uv", tmp_path_factory.mktemp("developed"), sample_dist)
    run_develop(request_for(clean_build, made.directory / "venv", made.directory / "state"))
    return made


@pytest.fixture
def environment(sample_dist, tmp_path) -> Environment:
    return make_environment("uv", tmp_path / "environment", sample_dist)


@pytest.fixture
def request_here(clean_build, environment, tmp_path):
    return lambda **options: request_for(clean_build, environment.directory / "venv", tmp_path / "state", **options)


def test_it_holds_the_files_bytes_and_modes_that_pip_installs_from_the_wheels(developed, installed):
    assert holdings(developed.site) == holdings(installed.site)


def test_it_has_the_console_scripts_that_pip_makes(developed, installed):
    scripts = {path.name: path.stat().st_mode & 0o777 for path in installed.bin.iterdir() if not path.is_symlink()}

    found = {path.name: path.stat().st_mode & 0o777 for path in developed.bin.iterdir() if not path.is_symlink()}
    assert found == scripts


@pytest.mark.parametrize(
    "command", ["path --root", "path --bin", "path --cmake", "check", "test", "targets", "version"]
)
def test_rocm_sdk_answers_as_with_pip(developed, installed, command):
    ours, theirs = (one.run("rocm-sdk", *command.split()) for one in (developed, installed))

    assert ours.code == theirs.code == 0
    assert ours.out.replace(str(developed.directory), "") == theirs.out.replace(str(installed.directory), "")


def test_pip_and_uv_list_the_packages_as_editable_each_with_a_folder_of_its_own(developed):
    listed = run(UV, "pip", "list", "--format", "json", "--python", developed.bin / "python", cwd=developed.directory)

    folders = {row["name"]: row["editable_project_location"] for row in json.loads(listed.out)}
    assert sorted(folders) == sorted(ALL)
    assert len(set(folders.values())) == len(ALL)
    assert all(Path(folder).is_dir() for folder in folders.values())


def test_record_names_every_file_with_its_digest(developed):
    done = developed.run("rocm-sdk", "check")

    assert done.out.endswith(" links checked: all right\n")


@pytest.mark.parametrize("installer", ["uv", pytest.param("pip", marks=pytest.mark.slow)])
@pytest.mark.parametrize("order", [ALL, tuple(reversed(ALL))], ids=["forwards", "backwards"])
def test_after_uninstall_nothing_is_left(installer, order, clean_build, sample_dist, tmp_path):
    environment = make_environment(installer, tmp_path / "environment", sample_dist)
    before = {path.relative_to(environment.directory) for path in environment.directory.rglob("*")}
    run_develop(request_for(clean_build, environment.directory / "venv", tmp_path / "state"))
    assert environment.run("rocm-sdk", "test").code == 0  # leaves byte code behind

    for name in order:
        environment.uninstall(name)

    left = {path.relative_to(environment.directory) for path in environment.directory.rglob("*")} - before
    own = {Path("venv/.lock"), Path("cache")}  # uv's
    assert {path for path in left if not own & {path, *path.parents}} == set()


@pytest.mark.parametrize("mode", ["clone", "copy", "hardlink", "symlink"])
def test_what_uv_installed_is_taken_over_and_its_cache_and_other_environments_stay(
    mode, clean_build, sample_dist, tmp_path
):
    cache = tmp_path / "cache"
    ours, other = (make_environment("uv", tmp_path / name, sample_dist, cache) for name in ("ours", "other"))
    for one in (ours, other):
        one.install("--link-mode", mode, EVERYTHING, ROCM_SDK_TARGET_FAMILY=FAMILY)
    own_file = ours.site / "_rocm_sdk_core/mine.txt"
    own_file.write_text("mine")
    before = files_of(cache) | files_of(other.directory)

    for link in ("copy", "hard"):
        run_develop(request_for(clean_build, ours.directory / "venv", tmp_path / link, link=link))

    assert files_of(cache) | files_of(other.directory) == before
    assert own_file.read_text() == "mine"
    assert ours.run("rocm-sdk", "check").code == 0
    assert not [path for path in (ours.site / "_rocm_sdk_core").rglob("*") if path.is_symlink()]


def test_what_pip_installed_is_taken_over(installed, clean_build, environment, request_here):
    shutil.rmtree(environment.directory / "venv")
    shutil.copytree(installed.directory / "venv", environment.directory / "venv", symlinks=True)

    run_develop(request_here())

    assert holdings(environment.site) == holdings(installed.site)
    assert not [path for path in environment.site.rglob("*.pyc") if "site-packages/rocm_sdk/" in str(path)]


@pytest.mark.parametrize("installer", ["uv", pytest.param("pip", marks=pytest.mark.slow)])
def test_wheels_take_over_when_installers_are_told_to(installer, clean_build, sample_dist, tmp_path, installed):
    environment = make_environment(installer, tmp_path / "environment", sample_dist)
    run_develop(request_for(clean_build, environment.directory / "venv", tmp_path / "state"))
    again = "--reinstall" if installer == "uv" else "--force-reinstall"

    environment.install(EVERYTHING, ROCM_SDK_TARGET_FAMILY=FAMILY)
    assert len(list(environment.site.glob("*.dist-info/direct_url.json"))) == len(ALL)
    environment.install(again, EVERYTHING, ROCM_SDK_TARGET_FAMILY=FAMILY)
    assert environment.run("rocm-sdk", "init", "--quiet").code == 0

    ours, theirs = (
        {p: c for p, c in holdings(one.site).items() if not p.endswith(BY_UV)} for one in (environment, installed)
    )
    assert ours == theirs
    assert not list(environment.site.glob("*.dist-info/direct_url.json"))


def test_the_second_run_changes_nothing(environment, request_here):
    first = run_develop(request_here())
    before = files_of(environment.directory)

    second = run_develop(request_here())

    assert first["files"] > 200
    assert second["line"] == f"develop {environment.directory}/venv: up to date"
    assert files_of(environment.directory) == before


def test_what_somebody_changed_or_removed_comes_back(environment, request_here):
    run_develop(request_here())
    before = holdings(environment.site)
    (environment.site / "rocm_sdk_core/_cli.py").write_text("broken")
    (environment.site / "_rocm_sdk_core/bin/hipcc").unlink()

    done = run_develop(request_here())

    assert (done["files"], done["removed"]) == (2, 0)
    assert holdings(environment.site) == before


def test_a_lost_state_costs_time_alone(environment, request_here, tmp_path):
    run_develop(request_here())
    before = holdings(environment.site)
    shutil.rmtree(tmp_path / "state")

    run_develop(request_here())

    assert holdings(environment.site) == before


def test_a_second_family_stands_beside_the_first(environment, request_here, clean_build):
    run_develop(request_here())
    run_develop(request_here(families=["gfx120X-all"]))

    assert environment.installed == sorted(
        name.replace("-", "_") for name in (*ALL, "rocm-sdk-devel-gfx120x-all", "rocm-sdk-libraries-gfx120x-all")
    )
    assert environment.run("rocm-sdk", "check").code == 0


def test_one_package_alone_leaves_the_others(environment, request_here):
    done = run_develop(request_here(only=[f"{FAMILY}/libraries"]))

    assert environment.installed == ["rocm_sdk_libraries_gfx94x_dcgpu"]
    assert done["removed"] == 0


def test_a_file_that_was_open_keeps_its_bytes(environment, request_here):
    run_develop(request_here())
    program = environment.site / "_rocm_sdk_core/bin/hipcc"
    before = program.read_bytes()
    program.write_bytes(b"#!/bin/sh\nexit 7\n")

    with program.open("rb") as file:
        run_develop(request_here())
        assert file.read() == b"#!/bin/sh\nexit 7\n"

    assert program.read_bytes() == before


def test_hard_links_share_large_files_with_the_artifact_and_others_are_written(environment, request_here, clean_build):
    run_develop(request_here(link="hard"))

    artifacts = Path(clean_build.settings["artifact_dir"])
    inodes = {path.stat().st_ino for path in artifacts.rglob("*") if path.is_file()}
    shared = [path for path in environment.site.rglob("*") if path.is_file() and path.stat().st_ino in inodes]
    assert shared
    assert not [path for path in shared if path.suffix == ".py"]
    assert environment.run("rocm-sdk", "check").code == 0


def test_a_lock_file_of_uv_is_told(environment, request_here):
    lock = environment.directory / "uv.lock"
    lock.touch()

    done = run_develop(request_here())

    assert done["notes"] == [
        f"{lock}: `uv sync` and `uv run` put back what it locks; `uv run --no-sync` keeps what develop put into "
        f"{environment.directory}/venv"
    ]


def test_files_of_other_packages_are_not_touched(environment, request_here):
    other = environment.site / "other-1.0.dist-info"
    other.mkdir()
    (other / "RECORD").write_text("../../../bin/hipcc,,\n")
    (environment.bin / "hipcc").write_text("mine")

    with pytest.raises(UserError) as caught:
        run_develop(request_here())

    assert str(caught.value) == (
        f"{environment.site}: other packages have files where ROCm's go: ../../../bin/hipcc of other-1.0.dist-info; "
        "uninstall them first"
    )
    assert (environment.bin / "hipcc").read_text() == "mine"


def test_a_link_where_a_directory_goes_is_refused(environment, request_here, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (environment.site / "_rocm_sdk_core").symlink_to(elsewhere)

    with pytest.raises(UserError) as caught:
        run_develop(request_here())

    assert str(caught.value) == (
        f"{environment.site}/_rocm_sdk_core: is in the way: a directory of ROCm goes there; move it away and run again"
    )
    assert list(elsewhere.iterdir()) == []


def test_a_directory_where_a_file_goes_is_refused_and_the_next_run_heals(environment, request_here, developed):
    place = environment.site / "_rocm_sdk_core/bin/hipcc"
    (place / "mine").mkdir(parents=True)

    with pytest.raises(UserError) as caught:
        run_develop(request_here())
    assert str(caught.value) == f"{place}: is in the way: a file of ROCm goes there; move it away and run again"
    shutil.rmtree(place)
    run_develop(request_here())

    assert holdings(environment.site) == holdings(developed.site)


def test_two_at_once_wait_for_each_other(environment, request_here, developed):
    script = (
        "import pickle,sys; from tools.develop.develop import develop; from tools.workers.context import make_context"
    )
    script += "; develop(pickle.load(sys.stdin.buffer), make_context())"
    import pickle

    runs = [subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE) for _ in range(2)]
    for one in runs:
        one.stdin.write(pickle.dumps(request_here()))
        one.stdin.close()

    assert [one.wait(60) for one in runs] == [0, 0]
    assert holdings(environment.site) == holdings(developed.site)


def test_a_second_run_that_may_not_wait_says_so(environment, request_here):
    import fcntl

    descriptor = os.open(environment.directory / "venv", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        with pytest.raises(UserError) as caught:
            run_develop(request_here(wait=False))
    finally:
        os.close(descriptor)

    assert str(caught.value) == (
        f"venv: another develop is at work in {environment.directory}/venv; run again after it"
    )


def test_an_environment_of_another_python_is_refused(environment, request_here):
    config = environment.directory / "venv/pyvenv.cfg"
    config.write_text("home = /usr/bin\nversion = 3.9.2\n")
    (environment.directory / "venv/lib/python3.9/site-packages").mkdir(parents=True)

    with pytest.raises(UserError) as caught:
        run_develop(request_here())

    assert str(caught.value) == (
        f"venv: {environment.directory}/venv has Python 3.9.2, and rocm-sdk-core needs >=3.10; make one with a newer "
        "Python"
    )


def test_freeze_in_a_git_work_tree_prints_a_line_that_installs_something_else(clean_build, sample_dist, tmp_path):
    environment = make_environment("pip", tmp_path / "environment", sample_dist)
    git = ["git", "-c", "user.name=n", "-c", "user.email=e", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "remote", "add", "origin", "https://example.org/x.git"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "empty"], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    only = ["generic/core"]
    run_develop(request_for(clean_build, environment.directory / "venv", tmp_path / "state", only=only))

    frozen = environment.pip("freeze")

    assert frozen.startswith(f"-e git+https://example.org/x.git@{commit}#egg=rocm_sdk_core")
