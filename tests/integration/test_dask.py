"""A build on a Dask cluster of separate processes gives the bytes of one process, whoever is killed meanwhile."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="needs the extra dask: requirements-dask.lock")

from rules.doit_support.lock import build_lock
from rules.engines.cluster import Cluster as Engine
from rules.engines.engine import Load
from rules.engines.shared import SharedDirectory
from tests.support.bucket import bucket_of
from tests.support.built_trees import LAYOUTS, Tree, debian_tree, families_tree, sample_tree, state_of
from tests.support.certificates import certificates
from tests.support.doit_process import Doit, tree_of
from tests.support.opened import Opened
from tests.support.places import ROOT
from tools.bench.dask_cluster import StartedCluster, dask_cluster, end
from tools.sample.archives import ArchivesRequest, make_archives
from tools.workers.context import Context


@pytest.fixture(scope="module", params=[LAYOUTS[0], pytest.param(LAYOUTS[1], marks=pytest.mark.slow)])
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return sample_tree(request.param, tmp_path_factory.mktemp("dask-sample"))


@pytest.fixture(scope="module", params=LAYOUTS)
def debian(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return debian_tree(request.param, tmp_path_factory.mktemp("dask-debian"))


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return families_tree(tmp_path_factory.mktemp("dask-families"))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedCluster]:
    """Return two workers behind nannies, as people start them, with TLS."""
    directory = tmp_path_factory.mktemp("dask")
    environment = certificates(directory / "tls")
    with dask_cluster(directory / "cluster", scheme="tls", options=["--nanny"], environment=environment) as cluster:
        yield cluster


def on(cluster: StartedCluster, tree: Tree, directory: Path, **settings: str) -> Doit:
    return tree.doit(directory, engine="dask", scheduler=cluster.address, **settings)


def same_on_a_cluster(cluster: StartedCluster, tree: Tree, directory: Path) -> None:
    doit = on(cluster, tree, directory)

    finished = doit("index", environment=cluster.environment)

    assert (finished.code, finished.err) == (0, "")
    assert f" of {cluster.address}\n" in finished.out
    assert tree_of(doit.dist) == tree.dist


def test_a_cluster_with_tls_gives_the_bytes_of_one_process(
    cluster: StartedCluster, sample: Tree, tmp_path: Path
) -> None:
    assert cluster.address.startswith("tls://")
    same_on_a_cluster(cluster, sample, tmp_path)


@pytest.mark.slow
def test_a_cluster_with_tls_gives_the_same_of_debian(cluster: StartedCluster, debian: Tree, tmp_path: Path) -> None:
    same_on_a_cluster(cluster, debian, tmp_path)
    shutil.rmtree(tmp_path)


def test_nothing_to_do_asks_no_cluster(sample: Tree, tmp_path: Path) -> None:
    assert sample.doit(tmp_path, engine="inline")("index").code == 0

    finished = sample.doit(tmp_path, engine="dask", scheduler="tcp://127.0.0.1:1")("index")

    assert (finished.code, finished.err) == (0, "")


def test_a_certificate_that_nobody_knows_is_a_sentence(cluster: StartedCluster, families: Tree, tmp_path: Path) -> None:
    stranger = {**cluster.environment, **certificates(tmp_path / "tls")}

    finished = on(cluster, families, tmp_path / "run")("index", environment=stranger)

    assert finished.code == 1
    assert f"scheduler: {cluster.address} does not accept our certificate, or we not its: " in finished.err
    assert "Traceback" not in finished.err


class Run:
    """A build that is at work."""

    def __init__(self, doit: Doit, cluster: StartedCluster) -> None:
        self._process = subprocess.Popen(
            doit.command("index"),
            cwd=ROOT,
            env=dict(cluster.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def is_there(self) -> bool:
        return self._process.poll() is None

    def send(self, number: int) -> None:
        self._process.send_signal(number)

    def end(self) -> tuple[int, str]:
        """Wait for the end and return the exit code and what was said on stderr."""
        _, err = self._process.communicate(timeout=120)
        return self._process.returncode, err


def await_work(doit: Doit) -> None:
    """Wait until something is cataloged: workers are at work then."""
    deadline = time.monotonic() + 60
    while not list(doit.build.glob("catalog/*.json")):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def nothing_half_written(tree: Tree, doit: Doit) -> None:
    for wheel in doit.build.rglob("*.whl"):
        assert wheel.read_bytes() == tree.wheels[wheel.name]


def right_after_one_more_run(cluster: StartedCluster, tree: Tree, doit: Doit) -> None:
    finished = doit("index", environment=cluster.environment)

    assert (finished.code, finished.err) == (0, "")
    assert tree_of(doit.dist) == tree.dist
    assert not list(doit.build.rglob("*.part"))


def killed_at_random(
    cluster: StartedCluster, tree: Tree, seed: int, directory: Path, **settings: str
) -> tuple[bool, bool]:
    """Kill a process of a worker at a random moment; say whether the run was at work then, and ended well."""
    chance = random.Random(seed)
    doit = on(cluster, tree, directory, **settings)
    run = Run(doit, cluster)
    time.sleep(0.5 + chance.random() * tree.seconds)
    worker = chance.choice(cluster.workers)
    is_at_work = run.is_there()
    with suppress(ProcessLookupError):
        os.kill(chance.choice(cluster.processes(worker)), signal.SIGKILL)
    code, err = run.end()

    assert code == 0 or (code == 1 and "Traceback" not in err), (seed, code, err)
    nothing_half_written(tree, doit)
    if code == 0:
        assert tree_of(doit.dist) == tree.dist, seed
    right_after_one_more_run(cluster, tree, doit)
    shutil.rmtree(directory)
    if worker.poll() is not None:
        cluster.workers.remove(worker)
        cluster.begin_workers(1, "--nanny")
    return is_at_work, code == 0


def enough_at_work(kills: list[tuple[bool, bool]]) -> None:
    at_work = [is_right for is_at_work, is_right in kills if is_at_work]
    print(f"{len(at_work)} of 30 kills while a run was at work; {sum(at_work)} runs ended right, others after one more")
    assert len(at_work) > 10


@pytest.mark.slow
def test_a_run_whose_worker_is_killed_ends_right(cluster: StartedCluster, families: Tree, tmp_path: Path) -> None:
    killed_at_random(cluster, families, 0, tmp_path / "run")


@pytest.mark.slow
def test_thirty_kills(cluster: StartedCluster, families: Tree, tmp_path: Path) -> None:
    enough_at_work([killed_at_random(cluster, families, seed, tmp_path / str(seed)) for seed in range(1, 31)])


def test_ctrl_c_ends_what_runs_elsewhere(cluster: StartedCluster, families: Tree, tmp_path: Path) -> None:
    doit = on(cluster, families, tmp_path)
    run = Run(doit, cluster)
    await_work(doit)

    begun = time.monotonic()
    run.send(signal.SIGINT)
    code, err = run.end()
    with build_lock(doit.build, wait=True):
        before = state_of(doit.build)
        assert time.monotonic() - begun < 10
        time.sleep(0.3)
        assert state_of(doit.build) == before

    assert (code, err) == (130, "")
    nothing_half_written(families, doit)
    right_after_one_more_run(cluster, families, doit)


def test_a_scheduler_that_is_killed_is_a_sentence(families: Tree, tmp_path: Path) -> None:
    with dask_cluster(tmp_path / "cluster") as cluster:
        doit = on(cluster, families, tmp_path / "run")
        run = Run(doit, cluster)
        await_work(doit)
        begun = time.monotonic()
        end(cluster.scheduler)
        code, err = run.end()

    assert time.monotonic() - begun < 30
    assert code == 1
    gone = f"scheduler: {cluster.address} is gone; start it and its workers again, then run again: what is finished is"
    assert err.count(gone) == 1
    assert len([line for line in err.splitlines() if line.startswith("failed ")]) <= 3
    assert "Traceback" not in err
    assert "distributed" not in err
    nothing_half_written(families, doit)
    inline = replace(doit, settings={**doit.settings, "engine": "inline"})
    assert inline("index").code == 0
    assert tree_of(doit.dist) == families.dist


def sizes_of(request: Path, context: Context) -> int:
    return len(request.read_bytes())


@pytest.fixture(scope="module")
def remote(families: Tree, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Put archives of the families into a bucket of S3 and yield the environment that finds it."""
    directory = tmp_path_factory.mktemp("dask-remote")
    archives = directory / "archives"
    make_archives(ArchivesRequest(directory=families.artifacts, out=archives))
    with bucket_of(archives, directory / "home") as environment:
        yield {**environment, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


class Apart:
    """A cluster of two workers and a run, each with directories of its own: nothing is shared but a bucket."""

    def __init__(self, cluster: StartedCluster, root: Path) -> None:
        self.opened = [Opened(root / f"hook-{number}") for number in range(2)]
        self.directories: list[Path] = []
        for number, opened in enumerate(self.opened):
            home = root / f"home-{number}"
            home.mkdir()
            environment = {**opened.environment, "HOME": str(home), "TMPDIR": str(home)}
            (directory,) = cluster.begin_workers(1, "--nthreads", "2", environment=environment, cwd=home)
            self.directories += [directory]
        self.homes = [root / f"home-{number}" for number in range(2)]

    def foreign(self, *of_the_run: Path) -> set[str]:
        """Return what a worker opened of the other one, or of the run."""
        found = set()
        for number, opened in enumerate(self.opened):
            others = [self.directories[1 - number], self.homes[1 - number]]
            found |= opened.below(*others, *of_the_run)
        return found

    def own(self) -> list[set[str]]:
        """Return what each worker opened of its own."""
        return [opened.below(one) for opened, one in zip(self.opened, self.directories, strict=True)]


STORE = {"artifact_dir": "s3://runs/77-linux", "store": "s3://runs/store", "layout": "per-family"}


def test_workers_that_share_nothing_but_a_bucket(remote: Mapping[str, str], families: Tree, tmp_path: Path) -> None:
    with dask_cluster(tmp_path / "cluster", 0, environment=remote) as cluster:
        apart = Apart(cluster, tmp_path)
        doit = on(cluster, families, tmp_path / "run", **STORE)
        finished = doit("index", environment=remote)

    assert (finished.code, finished.err) == (0, "")
    assert f"; on 2 workers of {cluster.address}\n" in finished.out
    assert tree_of(doit.dist) == families.dist
    assert not list((doit.build / "archives").glob("*.tar"))
    assert all(apart.own())
    assert apart.foreign(doit.directory, families.artifacts) == set()


def test_a_worker_that_opens_a_path_of_another_is_found(tmp_path: Path) -> None:
    with dask_cluster(tmp_path / "cluster", 0) as cluster:
        apart = Apart(cluster, tmp_path)
        secret = apart.homes[0] / "file"
        secret.write_bytes(b"x")
        engine = Engine(cluster.address, 1, SharedDirectory(tmp_path / "run"))
        jobs = [engine.submit(sizes_of, secret, Load(seconds=1)) for _ in range(20)]
        sizes = [job.result(60) for job in jobs]
        engine.cancel()

    assert sizes == [1] * 20
    assert str(secret) in apart.foreign()


@pytest.mark.slow
def test_thirty_kills_of_workers_that_share_nothing(remote: Mapping[str, str], families: Tree, tmp_path: Path) -> None:
    with dask_cluster(tmp_path / "cluster", options=["--nanny"], environment=remote) as cluster:
        kills = []
        for seed in range(1, 31):
            settings = {**STORE, "store": f"s3://runs/store-{seed}"}
            kills.append(killed_at_random(cluster, families, seed, tmp_path / str(seed), **settings))
            print(seed, kills[-1], flush=True)

    enough_at_work(kills)
