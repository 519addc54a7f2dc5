"""Jobs on a Dask cluster of separate processes: what comes back, who may die, and what is said of it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="needs the extra dask: requirements-dask.lock")

from rules.engines.cluster import Cluster
from rules.engines.engine import SMALL
from rules.engines.scheduler import connect, other_versions
from rules.engines.shared import SharedDirectory
from tests.support.jobs import LARGE, count, crash, die, pid_of, refuse, write_for_ever
from tests.support.places import ROOT
from tools.bench.dask_cluster import StartedCluster, dask_cluster, end
from tools.errors import UserError
from tools.workers.context import Context


def kill_dask(request: object, context: Context) -> None:
    """Kill Dask's worker: it started the process that forked this one."""
    fields = Path(f"/proc/{os.getppid()}/stat").read_text().rpartition(")")[2].split()
    os.kill(int(fields[1]), signal.SIGKILL)
    time.sleep(60)


def fill_memory(request: object, context: Context) -> int:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    return len(bytes(1 << 31))


def write_until(request: tuple[Path, Path], context: Context) -> str:
    file, stop = request
    while not stop.exists():
        file.write_text(str(os.getppid()))
        time.sleep(0.01)
    return "done"


def await_file(file: Path) -> None:
    deadline = time.monotonic() + 60
    while not file.exists() or not file.stat().st_size:
        assert time.monotonic() < deadline, f"{file} does not appear"
        time.sleep(0.01)


def sizes(files: list[Path]) -> list[int]:
    return [file.stat().st_size for file in files]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with dask_cluster(tmp_path_factory.mktemp("dask") / "cluster") as cluster:
        yield cluster


@pytest.fixture
def own_cluster(tmp_path):
    with dask_cluster(tmp_path / "cluster") as cluster:
        yield cluster


@pytest.fixture
def engine(cluster, tmp_path):
    engine = Cluster(cluster.address, 1, SharedDirectory(tmp_path / "build"))
    yield engine
    engine.cancel()


def test_a_large_job_runs_on_a_worker_and_a_small_one_here(engine, cluster):
    there, here = engine.submit(pid_of, None, LARGE), engine.submit(pid_of, None, SMALL)

    assert there.result(60) != here.result(0) == os.getpid()
    assert engine.where() == f"on 1 worker of {cluster.address}"


def test_what_workers_count_is_the_engine_s_progress(engine):
    for amount in (20, 1):
        engine.submit(count, amount, LARGE).result(60)
    engine.submit(count, 300, SMALL).result(0)

    assert engine.progress().bytes_read == 321


def test_what_workers_were_at_is_in_times_of_this_machine(engine):
    begun = time.monotonic_ns()
    engine.submit(pid_of, None, LARGE, name="build:one").result(60)

    (recorded,) = (one for name, one in engine.history().processes.items() if name != "doit")
    (activity,) = (one for one in recorded.activities if one.name == "build:one")
    assert begun - 10**9 < activity.begin <= activity.end < time.monotonic_ns() + 10**9


def test_an_error_of_the_user_comes_through_and_dask_says_nothing(engine, cluster, capfd):
    with pytest.raises(UserError) as caught:
        engine.submit(refuse, "a sentence", LARGE).result(60)

    assert str(caught.value) == "a sentence"
    assert capfd.readouterr() == ("", "")
    assert "a sentence" not in cluster.log()


def test_a_bug_comes_through_with_its_place(engine):
    with pytest.raises(KeyError) as caught:
        engine.submit(crash, "bug", LARGE).result(60)

    assert "in crash" in caught.value.__notes__[0]


def test_a_request_that_does_not_pickle_is_that_job_s_error_alone(engine):
    with pytest.raises((TypeError, AttributeError), match="pickle"):
        engine.submit(count, lambda: None, LARGE).result(60)

    assert engine.submit(pid_of, None, LARGE).result(60)


def test_a_job_that_kills_its_workers_is_named_and_costs_no_other(engine, cluster):
    killer = engine.submit(die, signal.SIGKILL, LARGE)
    others = [engine.submit(pid_of, None, LARGE) for _ in range(5)]

    assert all(other.result(60) for other in others)
    with pytest.raises(UserError) as caught:
        killer.result(60)
    start, _, rest = str(caught.value).partition(", the last one, on ")
    assert start == "4 worker processes ended in the middle of it"
    assert rest.partition(", ")[2] == (
        "was killed by signal 9, as the kernel does when memory runs out; give its machine more memory or Dask's "
        "worker fewer threads (--nthreads), or find out with engine=inline"
    )


def test_memory_that_runs_out_is_a_sentence(engine):
    with pytest.raises(
        UserError, match=r"^worker tcp://127\.0\.0\.1:\d+: memory ran out; give its machine more memory"
    ):
        engine.submit(fill_memory, None, LARGE).result(60)


def test_a_worker_that_does_not_see_the_files_is_named(cluster, tmp_path):
    missing = tmp_path / "artifacts"
    engine = Cluster(cluster.address, 1, SharedDirectory(tmp_path / "build", (missing,)))

    with pytest.raises(UserError) as caught:
        engine.submit(pid_of, None, LARGE).result(60)
    engine.cancel()

    assert str(caught.value).startswith("worker tcp://127.0.0.1:")
    assert str(caught.value).endswith(
        f": there is no {missing} on its machine; let it see that path, or share nothing but a store (store=URL with "
        "an artifact_dir that is a URL)"
    )


@pytest.mark.slow
def test_a_worker_of_dask_that_is_killed_costs_its_job_and_no_more(own_cluster, tmp_path):
    engine = Cluster(own_cluster.address, 1, SharedDirectory(tmp_path / "build"))
    files, stop = [tmp_path / "a", tmp_path / "b"], tmp_path / "stop"
    jobs = [engine.submit(write_until, (file, stop), LARGE) for file in files]
    for file in files:
        await_file(file)

    end(own_cluster.workers[0])
    stop.touch()

    assert [job.result(60) for job in jobs] == ["done", "done"]
    engine.cancel()


def test_a_scheduler_that_is_killed_is_a_sentence(own_cluster, tmp_path):
    engine = Cluster(own_cluster.address, 1, SharedDirectory(tmp_path / "build"))
    files = [tmp_path / "a", tmp_path / "b"]
    jobs = [engine.submit(write_for_ever, file, LARGE) for file in files]
    waiting = engine.submit(pid_of, None, LARGE)
    for file in files:
        await_file(file)

    begun = time.monotonic()
    end(own_cluster.scheduler)
    told = sorted(str(job.exception(60)) for job in (*jobs, waiting))

    assert time.monotonic() - begun < 30
    assert told == [
        "not finished, since the scheduler is gone",
        "not finished, since the scheduler is gone",
        f"scheduler: {own_cluster.address} is gone; start it and its workers again, then run again: what is finished "
        "is kept",
    ]
    engine.cancel()
    assert time.monotonic() - begun < 30
    before = sizes(files)
    time.sleep(0.2)
    assert sizes(files) == before
    assert str(engine.submit(pid_of, None, LARGE).exception(0)) == "not begun, since the scheduler is gone"


def test_what_runs_on_workers_ends_with_the_run(engine, tmp_path):
    files = [tmp_path / "a", tmp_path / "b"]
    for file in files:
        engine.submit(write_for_ever, file, LARGE)
    for file in files:
        await_file(file)

    begun = time.monotonic()
    assert engine.cancel()

    assert time.monotonic() - begun < 10
    before = sizes(files)
    time.sleep(0.2)
    assert sizes(files) == before


PARENT = """
import sys, time
from pathlib import Path
from rules.doit_support.lock import build_lock
from rules.engines.cluster import Cluster
from rules.engines.shared import SharedDirectory
from tests.support.jobs import LARGE, write_for_ever
build = Path(sys.argv[2])
with build_lock(build, wait=True):
    engine = Cluster(sys.argv[1], 1, SharedDirectory(build))
    for name in sys.argv[3:]:
        engine.submit(write_for_ever, Path(name), LARGE)
    time.sleep(100)
"""


def test_when_a_run_is_killed_nobody_writes_once_the_next_one_has_the_lock(cluster, tmp_path):
    from rules.doit_support.lock import build_lock

    files = [tmp_path / "a", tmp_path / "b"]
    command = [sys.executable, "-c", PARENT, cluster.address, tmp_path / "build", *files]
    parent = subprocess.Popen(command, cwd=ROOT)
    for file in files:
        await_file(file)

    begun = time.monotonic()
    parent.kill()
    parent.wait()
    with build_lock(tmp_path / "build", wait=True) as died:
        assert died
        before = sizes(files)
        time.sleep(0.2)

    assert sizes(files) == before
    assert time.monotonic() - begun < 10


def test_nobody_at_the_address_is_a_sentence():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"

    with pytest.raises(UserError) as caught:
        connect(address, lambda key, counts: None, patience=2)

    assert str(caught.value) == (
        f"scheduler: {address} does not answer within 2 seconds; start it there with: dask scheduler"
    )


def test_tls_without_certificates_is_a_sentence(tmp_path):
    engine = Cluster("tls://127.0.0.1:1", 1, SharedDirectory(tmp_path))

    told = [str(engine.submit(pid_of, None, LARGE).exception(0)) for _ in range(2)]

    assert told == [
        "scheduler: tls://127.0.0.1:1 needs certificates: distributed.comm.tls in Dask's configuration, or "
        "DASK_DISTRIBUTED__COMM__TLS__CA_FILE, ..__CLIENT__KEY and ..__CLIENT__CERT in the environment",
        "not begun, since there is no cluster",
    ]
    assert not engine.cancel()


def worker_of(cluster: StartedCluster, modules: Path) -> None:
    """Begin a worker whose Python looks for modules in a directory first."""
    cluster.begin_workers(1, environment={"PYTHONPATH": str(modules)})


def test_a_worker_of_another_edition_is_named(tmp_path):
    copy = tmp_path / "checkout"
    for part in ("tools", "packaging_specs"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    with (copy / "tools" / "naming.py").open("a") as file:
        file.write("# another state\n")

    with dask_cluster(tmp_path / "cluster", 0) as cluster:
        engine = Cluster(cluster.address, 1, SharedDirectory(tmp_path / "build"))
        jobs = [engine.submit(pid_of, None, LARGE) for _ in range(2)]
        deadline = time.monotonic() + 30
        while not (waiting := engine.progress().waiting) and time.monotonic() < deadline:
            time.sleep(0.05)
        worker_of(cluster, copy)
        error, other = (job.exception(60) for job in jobs)
        engine.cancel()

    assert waiting == (f"no worker is connected to {cluster.address}",)
    assert re.fullmatch(r"not done by worker tcp://127\.0\.0\.1:\d+", str(other))
    assert str(error).startswith("worker tcp://127.0.0.1:")
    assert str(error).endswith(
        ": it runs another edition of this project, of its specs or of its packages; bring its checkout and yours to "
        "one state, then start it again"
    )


@pytest.mark.slow
def test_a_job_that_kills_workers_of_dask_is_named(tmp_path):
    with dask_cluster(tmp_path / "cluster", 2, options=["--nanny"]) as cluster:
        engine = Cluster(cluster.address, 1, SharedDirectory(tmp_path / "build"))
        error = engine.submit(kill_dask, None, LARGE).exception(120)
        engine.cancel()

    assert re.fullmatch(
        r"4 workers of Dask ended in the middle of it, the last one at tcp://127\.0\.0\.1:\d+; their logs say why; if "
        r"memory ran out, give workers more or fewer threads \(--nthreads\)",
        str(error),
    )


@pytest.mark.slow
def test_a_worker_without_this_project_is_a_sentence(tmp_path):
    (tmp_path / "modules" / "tools").mkdir(parents=True)
    (tmp_path / "modules" / "tools" / "__init__.py").touch()

    with dask_cluster(tmp_path / "cluster", 0) as cluster:
        worker_of(cluster, tmp_path / "modules")
        engine = Cluster(cluster.address, 1, SharedDirectory(tmp_path / "build"))
        error = engine.submit(pid_of, None, LARGE).exception(60)
        engine.cancel()
        assert cluster.workers[0].poll() is None

    assert str(error) == (
        f"scheduler: {cluster.address} has workers without this project; start each with the `dask` of a checkout's "
        ".venv/bin"
    )


def test_other_versions_are_named():
    packages = {"dask": "2026.8.0", "distributed": "2026.8.0"}
    found = {
        "client": {"packages": packages},
        "scheduler": {"packages": packages},
        "workers": {"tcp://a:1": {"packages": packages | {"distributed": "2026.7.1"}}, "tcp://b:1": None},
    }

    assert other_versions(found, "tcp://s:1") == (
        "distributed is 2026.8.0 here, and tcp://a:1 has 2026.7.1; only equal ones understand each other; run in the "
        "checkout there, then start it again: .venv/bin/python -m pip install --no-deps --require-hashes --requirement "
        "requirements-dask.lock"
    )
    assert other_versions(found | {"workers": {}}, "tcp://s:1") == ""
