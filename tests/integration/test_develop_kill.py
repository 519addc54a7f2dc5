"""Develop killed at any moment: one more run is as good as a fresh one, and an uninstall leaves nothing."""

from __future__ import annotations

import pickle
import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.developing import EVERYTHING, FAMILY, OWN, PACKAGES, files_of, holdings, request_for, run_develop
from tests.support.doit_process import Doit
from tests.support.environments import make_environment
from tools.develop.part import DevelopRequest

ALL = (*PACKAGES, *OWN)
WAYS = [(installer, names) for installer in ("uv", "pip") for names in (ALL, tuple(reversed(ALL)))]
SCRIPT = """
import pickle, sys
from tools.develop.change import change  # what it imports takes longer than the rest
from tools.develop.develop import develop
from tools.workers.context import make_context
context = make_context()
request = pickle.load(sys.stdin.buffer)
print(flush=True)
develop(request, context)
"""


def begun(request: DevelopRequest) -> subprocess.Popen[bytes]:
    """Return a process that has just begun to develop."""
    process = subprocess.Popen([sys.executable, "-c", SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdin.write(pickle.dumps(request))
    process.stdin.close()
    process.stdout.read(1)
    process.stdout.close()
    return process


def killed(request: DevelopRequest, seconds: float) -> None:
    """Begin, and kill after so many seconds; a run that was quicker ends well."""
    process = begun(request)
    time.sleep(seconds)
    process.kill()
    assert process.wait() in (0, -9)


def lasting(request: DevelopRequest) -> float:
    """Return the seconds that a whole run takes."""
    process, start = begun(request), time.perf_counter()
    assert process.wait() == 0
    return time.perf_counter() - start


@pytest.fixture(scope="module")
def changed_build(pristine: Path, tmp_path_factory) -> Doit:
    """A build of other artifacts: a file more, a file less, a program changed."""
    import shutil

    directory = tmp_path_factory.mktemp("changed")
    artifacts = Path(shutil.copytree(pristine, directory / "artifacts", symlinks=True))
    base = artifacts / "blas_lib_gfx94X-dcgpu/math-libs/BLAS/rocBLAS/stage"
    (base / "lib/rocblas/library/more.dat").write_bytes(b"more")
    (base / "lib/rocblas/library/TensileLibrary_gfx942.dat").unlink()
    program = artifacts / "core-hip_run_generic/core/clr/stage/bin/roc-obj-ls"
    program.write_bytes(program.read_bytes() + b"# changed\n")
    built = Doit(directory=directory, settings={"artifact_dir": str(artifacts), "version": "1.0"})
    finished = built("plan")
    assert (finished.code, finished.err) == (0, "")
    return built


@pytest.fixture(scope="module")
def fresh(clean_build, changed_build, tmp_path_factory) -> list[dict]:
    """What fresh environments hold of each of the two builds."""
    found = []
    for built in (clean_build, changed_build):
        made = make_environment("uv", tmp_path_factory.mktemp("fresh"), built.dist)
        run_develop(request_for(built, made.directory / "venv", made.directory / "state"))
        found.append(holdings(made.site))
    assert found[0] != found[1]
    return found


@pytest.mark.parametrize(
    ("ways", "kills"),
    [(WAYS[:1], 6), pytest.param(WAYS, 25, marks=[pytest.mark.slow, pytest.mark.loop])],
    ids=["a few", "a hundred"],
)
def test_one_more_run_after_kills_is_as_good_as_a_fresh_one(
    *, ways, kills, clean_build, changed_build, fresh, tmp_path
):
    environment = make_environment("uv", tmp_path / "environment", clean_build.dist)
    before = {path.relative_to(environment.directory) for path in environment.directory.rglob("*")}
    requests = [
        request_for(built, environment.directory / "venv", tmp_path / "state") for built in (clean_build, changed_build)
    ]
    chance = random.Random(kills)
    first, later = (lasting(request) for request in requests)

    for installer, names in ways:
        for number in range(kills):
            killed(requests[number % 2], chance.uniform(0, later if number else first))
            if number % 5 == 4 or number == kills - 1:
                run_develop(requests[1])
                assert holdings(environment.site) == fresh[1]
                assert environment.run("rocm-sdk", "check").code == 0

        for name in names:
            replace(environment, installer=installer).uninstall(name)
        left = {path.relative_to(environment.directory) for path in environment.directory.rglob("*")} - before
        assert {str(path) for path in left if path.parts[0] != "cache"} <= {"venv/.lock"}, (installer, names)


def test_the_file_that_a_killed_run_added_goes_with_the_next_that_lacks_it(clean_build, changed_build, fresh, tmp_path):
    environment = make_environment("uv", tmp_path / "environment", clean_build.dist)
    place = environment.directory / "venv"
    run_develop(request_for(clean_build, place, tmp_path / "state"))
    added = environment.site / "_rocm_sdk_libraries_gfx94X_dcgpu/lib/rocblas/library/more.dat"
    for wait in range(40):
        killed(request_for(changed_build, place, tmp_path / "state"), wait / 200)
        if added.exists():
            break

    run_develop(request_for(clean_build, place, tmp_path / "state"))

    assert holdings(environment.site) == fresh[0]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["hardlink", "symlink"])
def test_after_a_hundred_develops_the_cache_of_uv_and_another_environment_are_as_before(
    mode, clean_build, changed_build, fresh, tmp_path
):
    cache = tmp_path / "cache"
    ours, other = (make_environment("uv", tmp_path / name, clean_build.dist, cache) for name in ("ours", "other"))
    for one in (ours, other):
        one.install("--link-mode", mode, EVERYTHING, ROCM_SDK_TARGET_FAMILY=FAMILY)
    before = files_of(cache) | files_of(other.directory)

    for number in range(100):
        built = (changed_build, clean_build)[number % 2]
        run_develop(request_for(built, ours.directory / "venv", tmp_path / "state"))

    assert files_of(cache) | files_of(other.directory) == before
    found = {path: held for path, held in holdings(ours.site).items() if not path.endswith("/REQUESTED")}
    assert found == {path: held for path, held in fresh[0].items() if not path.endswith("/REQUESTED")}  # uv's all are
