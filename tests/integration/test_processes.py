"""Worker processes give the bytes of one process, whatever ends first, and nothing half-written whoever is killed."""

from __future__ import annotations

import fcntl
import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from rules.engines.processes import Processes
from tests.support.built_trees import LAYOUTS, Tree, debian_tree, families_tree, sample_tree, state_of
from tests.support.doit_process import Doit, tree_of
from tests.support.places import ROOT
from tests.support.random_orders import build_in_random_order

WORKERS = (1, 2, 4)
MARK = "TEST_OF_PROCESSES"  # in the environment of a run and of all that it starts
LOST = "its worker process was killed by signal 9; the kernel does so when memory runs out: run again with a smaller"


@pytest.fixture(scope="session", params=LAYOUTS)
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return sample_tree(request.param, tmp_path_factory.mktemp("processes"))


@pytest.fixture(scope="session", params=LAYOUTS)
def debian(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return debian_tree(request.param, tmp_path_factory.mktemp("processes-debian"))


@pytest.fixture(scope="session")
def families(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return families_tree(tmp_path_factory.mktemp("families"))


def same_with_workers(tree: Tree, workers: int, directory: Path) -> None:
    doit = tree.doit(directory, engine="processes", jobs=str(workers))

    finished = doit("index")

    assert (finished.code, finished.err) == (0, "")
    (begun,) = re.findall(r"; in (\d+) worker process", finished.out)
    assert 1 <= int(begun) <= workers
    assert tree_of(doit.dist) == tree.dist


def same_in_another_order(tree: Tree, seed: int, directory: Path) -> None:
    chance = random.Random(seed)
    engine = Processes(chance.choice(WORKERS), worth=0)
    try:
        build_in_random_order(tree.artifacts, directory, "1.0", engine, chance)
    finally:
        engine.cancel()
    assert {path.name: path.read_bytes() for path in directory.rglob("*.whl")} == tree.wheels


@pytest.mark.parametrize("workers", WORKERS)
def test_any_number_of_workers_gives_the_bytes_of_one_process(sample: Tree, workers: int, tmp_path: Path) -> None:
    same_with_workers(sample, workers, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("workers", WORKERS)
def test_any_number_of_workers_gives_the_same_of_debian(debian: Tree, workers: int, tmp_path: Path) -> None:
    same_with_workers(debian, workers, tmp_path)
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 20))])
def test_any_order_gives_the_bytes_of_one_process(sample: Tree, seed: int, tmp_path: Path) -> None:
    same_in_another_order(sample, seed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_any_order_gives_the_same_of_debian(debian: Tree, seed: int, tmp_path: Path) -> None:
    same_in_another_order(debian, seed, tmp_path)
    shutil.rmtree(tmp_path)


class Run:
    """A build in worker processes, in a session of its own, as a terminal would start it."""

    def __init__(self, doit: Doit) -> None:
        self._mark = f"{MARK}={doit.directory}"
        self._lock = doit.build / "lock"
        name, _, value = self._mark.partition("=")
        self._process = subprocess.Popen(
            doit.command("index"),
            cwd=ROOT,
            env={**os.environ, name: value},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        while self._process.poll() is None and not (self._lock.exists() and self._lock.stat().st_size):
            time.sleep(0.01)

    def send(self, number: int) -> None:
        self._process.send_signal(number)

    def kill_a_worker(self, chance: random.Random) -> None:
        if workers := [pid for pid in self.processes() if pid != self._process.pid]:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(workers), signal.SIGKILL)

    def interrupt(self) -> None:
        """Send what Ctrl-C sends: a signal to all of the foreground."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGINT)

    def processes(self) -> list[int]:
        """Return all processes of the run that there are."""
        return [int(one.name) for one in Path("/proc").iterdir() if one.name.isdecimal() and self._is_ours(one)]

    def end(self) -> tuple[int, str]:
        """Wait for the end and return the exit code and what was said on stderr."""
        _, err = self._process.communicate(timeout=60)
        return self._process.returncode, err

    def await_lock(self) -> None:
        with self._lock.open("r+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)

    def _is_ours(self, process: Path) -> bool:
        with suppress(OSError):
            return self._mark.encode() in (process / "environ").read_bytes().split(b"\0")
        return False


def kill_parent(run: Run, chance: random.Random) -> Iterator[tuple[int, str]]:
    run.send(signal.SIGKILL)
    yield -signal.SIGKILL, ""


def kill_worker(run: Run, chance: random.Random) -> Iterator[tuple[int, str]]:
    run.kill_a_worker(chance)
    yield 1, LOST
    yield 1, "its worker process is gone; run again"  # it was the one that starts the others


def kill_both(run: Run, chance: random.Random) -> Iterator[tuple[int, str]]:
    run.kill_a_worker(chance)
    run.send(signal.SIGKILL)
    yield -signal.SIGKILL, ""


def terminate(run: Run, chance: random.Random) -> Iterator[tuple[int, str]]:
    run.send(signal.SIGTERM)
    yield 128 + signal.SIGTERM, ""
    yield -signal.SIGTERM, ""  # before the run began or after it ended: Python ends so, too


def interrupt(run: Run, chance: random.Random) -> Iterator[tuple[int, str]]:
    run.interrupt()
    yield 128 + signal.SIGINT, ""
    yield -signal.SIGINT, ""


KILLS: tuple[Callable[[Run, random.Random], Iterator[tuple[int, str]]], ...] = (
    kill_parent,
    kill_worker,
    kill_both,
    terminate,
    interrupt,
)


def killed_in_the_middle(tree: Tree, seed: int, directory: Path) -> None:
    """End a run at a random moment, look at what is left, and let the next run finish it."""
    chance = random.Random(seed)
    doit = tree.doit(directory, engine="processes", jobs=str(chance.choice(WORKERS)))
    run = Run(doit)
    time.sleep(chance.random() * tree.seconds)
    outcomes = list(KILLS[seed % len(KILLS)](run, chance))
    if outcomes[0][0] == -signal.SIGKILL:
        run.await_lock()
        before = state_of(directory)
        time.sleep(0.1)
        assert state_of(directory) == before, seed
    code, err = run.end()

    assert not run.processes(), seed
    assert code == 0 or any(code == expected and sentence in err for expected, sentence in outcomes), (seed, code, err)
    assert "Traceback" not in err, (seed, err)
    for wheel in doit.build.rglob("*.whl"):
        assert wheel.read_bytes() == tree.wheels[wheel.name], seed
    finished = doit("index")
    assert (finished.code, finished.err) == (0, ""), seed
    assert tree_of(doit.dist) == tree.dist, seed
    assert not list(doit.build.rglob("*.part")), seed
    shutil.rmtree(directory)


@pytest.mark.parametrize("seed", range(len(KILLS)))
def test_a_run_that_is_killed_is_finished_by_the_next_one(families: Tree, seed: int, tmp_path: Path) -> None:
    killed_in_the_middle(families, seed, tmp_path / "run")


@pytest.mark.loop
@pytest.mark.parametrize("tens", range(10))
def test_a_hundred_kills(families: Tree, tens: int, tmp_path: Path) -> None:
    for seed in range(100 + 10 * tens, 110 + 10 * tens):
        killed_in_the_middle(families, seed, tmp_path / str(seed))


def test_an_older_wheel_is_taken_from_by_every_worker(sample: Tree, tmp_path: Path) -> None:
    """Of another version all contents are there."""
    doit = sample.doit(tmp_path, engine="processes", jobs="2")
    assert replace(doit, settings={**doit.settings, "version": "0.9"})("build").code == 0

    finished = doit("index")

    assert "; 0 members reused" not in finished.out
    assert tree_of(doit.dist) == sample.dist
