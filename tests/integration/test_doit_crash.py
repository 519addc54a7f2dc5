"""Killed, interrupted, out of space, two at once: nothing half-written has a final name, and the next run succeeds."""

from __future__ import annotations

import base64
import random
import re
import resource
import shutil
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.doit_process import Doit, tree_of
from tests.support.killing import kill_and_finish
from tests.support.places import ROOT
from tests.support.waiting import wait_until

BIG = "math-libs/BLAS/rocBLAS/stage/lib/rocblas/library/big.dat"
LIBRARIES = "wheel/gfx94X-dcgpu/libraries"  # below build_dir: the wheel that holds it
SECONDS = 2.0  # what a build of the sample takes at most, give or take


def kill_one(doit: Doit, expected: dict[str, bytes], seed: int) -> None:
    """Kill a build at a random moment, cold or after one of another version, and compare what the next one makes."""
    chance = random.Random(seed)
    shutil.rmtree(doit.build, ignore_errors=True)
    shutil.rmtree(doit.dist, ignore_errors=True)
    if chance.random() < 0.5:
        other = replace(doit, settings={**doit.settings, "version": "2.0"})
        assert other("index").code == 0
    kill_and_finish(doit, expected, after=chance.random() * SECONDS, told=seed)
    assert doit("index").last.startswith("wheels: 0 built, "), seed


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_build_is_finished_by_the_next_one(doit, expected, seed):
    kill_one(doit, expected, seed)


@pytest.mark.loop
@pytest.mark.parametrize("tens", range(10))
def test_a_hundred_kills(doit, expected, tens):
    for seed in range(100 + 10 * tens, 110 + 10 * tens):
        kill_one(doit, expected, seed)


@pytest.fixture
def slow(doit: Doit, artifacts: Path) -> Doit:
    """Return a build that takes seconds in its last wheel: 100 MB that shrink to three quarters."""
    big = artifacts / "blas_lib_gfx94X-dcgpu" / BIG
    big.parent.mkdir(parents=True, exist_ok=True)
    content = base64.b64encode(random.Random(1).randbytes(75_000_000))
    big.write_bytes(content)
    return replace(doit, settings={**doit.settings, "compression_level": "12", "jobs": "1"})


@pytest.mark.parametrize("engine", ["inline", "processes"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signals_end_the_run_at_once_and_keep_what_is_finished(slow, number, code, engine):
    """Also a second one, as from a person without patience, changes nothing."""
    process = slow.start("build", f"engine={engine}")
    wait_until(lambda: list((slow.build / LIBRARIES).glob("*.part")))

    begun = time.monotonic()
    for _ in range(2):
        process.send_signal(number)
        time.sleep(0.02)
    out, err = process.communicate(timeout=10)

    assert time.monotonic() - begun < 2.0  # the wheel needs more
    assert (process.returncode, err) == (code, "")
    counts = r"wheels: (\d) built, 0 up to date, 0 failed, (\d) left; other steps: \d+ done; interrupted"
    built, left = map(int, re.fullmatch(counts, out.splitlines()[-1]).groups())
    assert built > 0
    assert slow("build").last.startswith(f"wheels: {left} built, {built} up to date, 0 failed; other steps: ")
    assert not list(slow.build.rglob("*.part"))


def test_a_second_build_waits_for_the_first(doit, expected):
    processes = [doit.start("index") for _ in range(2)]
    finished = [process.communicate(timeout=120) for process in processes]

    assert [process.returncode for process in processes] == [0, 0]
    waited = sorted(err for _, err in finished)
    holder = {f"waiting for another build (process {one.pid} holds {doit.build / 'lock'})\n" for one in processes}
    assert waited[0] == ""
    assert waited[1] in holder
    assert tree_of(doit.dist) == expected


def test_a_second_build_that_does_not_wait_says_who_is_at_work(slow):
    first = slow.start("build")
    assert first.stdout.readline().startswith("built   ")

    second = slow("build", "wait=no")

    assert second.code == 3
    assert second.err == f"ERROR: another build is at work here (process {first.pid} holds {slow.build / 'lock'})\n"
    first.kill()
    first.communicate()


def test_a_full_disk_is_a_sentence_and_the_next_run_succeeds(doit, artifacts):
    big = artifacts / "blas_lib_gfx94X-dcgpu" / BIG
    big.parent.mkdir(parents=True, exist_ok=True)
    big.write_bytes(random.Random(1).randbytes(20_000_000))
    limit = 10_000_000  # bytes that one file may have; a file system without room answers in the same place
    process = subprocess.run(
        doit.command("-c", "build"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )

    directory = doit.build / LIBRARIES
    wheel = directory / "rocm_sdk_libraries_gfx94x_dcgpu-1.0-py3-none-linux_x86_64.whl"
    assert process.returncode == 1
    assert process.stderr == (f"failed  build:gfx94X-dcgpu:libraries: {wheel}: cannot be written: File too large\n")
    assert list(directory.iterdir()) == []
    assert doit("build").last.startswith("wheels: 1 built, ")
