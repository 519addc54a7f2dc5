"""A Dask cluster of separate processes, as people start one: a scheduler and workers, each with its own directory."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tools.bench.workspace import PROJECT
from tools.errors import UserError
from tools.extra import command_for

DASK = Path(sys.executable).with_name("dask")
_WORKER = ("--no-dashboard", "--nthreads", "1", "--no-nanny")
_TICKS = os.sysconf("SC_CLK_TCK")  # a second
_PATIENCE = 120.0  # seconds for a process to be there


@dataclass(slots=True)
class StartedCluster:
    """What was started. Processes that somebody ended stay ended."""

    directory: Path
    environment: Mapping[str, str]  # of each process, and of a run that uses the cluster
    scheduler: subprocess.Popen[bytes]
    address: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _begun: int = 0  # workers, so far

    def begin_workers(
        self, count: int, *options: str, environment: Mapping[str, str] | None = None, cwd: Path = PROJECT
    ) -> list[Path]:
        """Start so many more workers, of one thread and without a nanny unless the options say more.

        Return their directories.
        """
        directories = [self.directory / f"worker-{self._begun + number}" for number in range(count)]
        self._begun += count
        for directory in directories:
            directory.mkdir()
            command = ["worker", self.address, *_WORKER, "--local-directory", str(directory), *options]
            self.workers.append(_started(command, directory / "log", {**self.environment, **(environment or {})}, cwd))
        for directory, worker in zip(directories, self.workers[-count:], strict=True):
            _said(directory / "log", r"Registered to:", worker)
        return directories

    def processes(self, *some: subprocess.Popen[bytes]) -> list[int]:
        """Return what was started, or some of it, with all that it started itself, as far as it is there."""
        groups = {process.pid for process in some or (self.scheduler, *self.workers)}
        return [int(one.name) for one in Path("/proc").iterdir() if one.name.isdecimal() and _group(one) in groups]

    def cpu(self) -> tuple[float, float]:
        """Return the seconds, user and system, of all of them so far; those of the ended count for their parents."""
        times = [_times(number) for number in self.processes()]
        return sum(user for user, _ in times), sum(system for _, system in times)

    def log(self) -> str:
        """Return what all processes said."""
        return "".join(file.read_text(errors="replace") for file in sorted(self.directory.rglob("log")))


@contextmanager
def dask_cluster(
    directory: Path,
    workers: int = 2,
    *,
    scheme: str = "tcp",
    options: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> Iterator[StartedCluster]:
    """Yield a cluster on this machine whose processes are there.

    :raises UserError: when Dask is not installed, or a process does not begin.
    """
    if not DASK.exists():
        raise UserError(f"a cluster needs Dask, which is not installed; run: {command_for('dask')}")
    directory.mkdir(parents=True, exist_ok=True)
    environment = {**_without_settings(), **(environment or {})}
    log = directory / "log"
    command = ["scheduler", "--host", f"{scheme}://127.0.0.1", "--port", "0", "--no-dashboard"]
    scheduler = _started(command, log, environment, PROJECT)
    cluster = StartedCluster(directory, environment, scheduler, "")
    try:
        cluster.address = _said(log, r"Scheduler at:\s+(\S+)", scheduler)
        if workers:
            cluster.begin_workers(workers, *options)
        yield cluster
    finally:
        for process in (*cluster.workers, scheduler):
            end(process)


def end(process: subprocess.Popen[bytes], number: int = signal.SIGKILL) -> None:
    """Send a signal to a process and to all of its group, and wait for it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
    process.wait(_PATIENCE)


def _group(process: Path) -> int | None:
    with suppress(OSError):
        return os.getpgid(int(process.name))
    return None


def _times(process: int) -> tuple[float, float]:
    """Return user and system seconds, as proc_pid_stat(5) has them: fields 14 to 17."""
    with suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        user, system, of_children, system_of_children = (int(field) / _TICKS for field in fields[11:15])
        return user + of_children, system + system_of_children
    return 0.0, 0.0


def _without_settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("DASK_", "ROCM_WHEELS_"))}


def _started(arguments: Sequence[str], log: Path, environment: Mapping[str, str], cwd: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            [str(DASK), *arguments],
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def _said(log: Path, pattern: str, process: subprocess.Popen[bytes]) -> str:
    """Wait until a log has a line, and return what its first group matches."""
    deadline = time.monotonic() + _PATIENCE
    while not (found := re.search(pattern, log.read_text(errors="replace"))):
        if process.poll() is not None or time.monotonic() > deadline:
            raise UserError(f"{DASK} does not begin:\n{log.read_text(errors='replace')}")
        time.sleep(0.05)
    return found[1] if found.re.groups else found[0]
