"""Builds on a Dask cluster of this machine, whose cost counts, too."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree

import msgspec

from tools.bench.dask_cluster import dask_cluster
from tools.bench.measure import Usage
from tools.bench.workspace import Workspace
from tools.workers.pool import cores


def cluster_cost(workspace: Workspace, *arguments: str) -> Usage:
    """Return what a doit command costs whose jobs one worker does, with as many threads as there are cores.

    The memory is that of doit alone.

    :raises UserError: when Dask is not installed.
    """
    directory = workspace.root / "cluster"
    rmtree(directory, ignore_errors=True)
    with dask_cluster(directory, 1, options=["--nthreads", str(cores())]) as cluster:
        user, system = cluster.cpu()
        usage = workspace.doit("engine=dask", f"scheduler={cluster.address}", *arguments)
        user, system = (now - before for now, before in zip(cluster.cpu(), (user, system), strict=True))
    return msgspec.structs.replace(usage, user=usage.user + user, system=usage.system + system)


@contextmanager
def served(directory: Path, log: Path) -> Iterator[str]:
    """Yield the URL at which the files of a directory can be had."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(directory)]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as server:
        try:
            _await(port)
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()


def _await(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
