"""A command run once, and what it cost."""

from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from tools.errors import UserError

INTERVAL = 50  # ms between two looks at the memory of the processes


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What a command and the processes it started cost."""

    wall: float  # seconds
    user: float  # CPU seconds
    system: float  # CPU seconds
    peak_private: int  # bytes of RssAnon, all processes together: proc_pid_status(5)
    read: int  # bytes asked for, page cache included: rchar of proc_pid_io(5)
    written: int  # the same: wchar
    disk_read: int  # bytes that came from the disk: read_bytes
    disk_written: int  # bytes that went to the disk, or will: write_bytes
    output: str  # stdout and stderr

    @property
    def cpu(self) -> float:
        """Return all CPU seconds."""
        return self.user + self.system


def measure(command: Sequence[str], directory: Path, log: Path, environment: Mapping[str, str] | None = None) -> Usage:
    """Return what ``command`` costs, run in ``directory`` with its output going to ``log``.

    :raises UserError: when it fails; the message ends in what it printed last.
    """
    with log.open("wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=directory, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment
        )
        peak = _watch(process.pid)
        wall = time.perf_counter() - start
    counters = _io_counters(process.pid)  # a process that has ended but was not waited for still has them
    _, status, times = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    text = log.read_text(encoding="utf-8", errors="replace")
    if process.returncode:
        last = "\n".join(text.splitlines()[-20:])
        raise UserError(f"{' '.join(command)}: ended with exit code {process.returncode}:\n{last}")
    return Usage(
        wall=wall,
        user=times.ru_utime,
        system=times.ru_stime,
        peak_private=peak,
        read=counters["rchar"],
        written=counters["wchar"],
        disk_read=counters["read_bytes"],
        disk_written=counters["write_bytes"],
        output=text,
    )


def _watch(process: int) -> int:
    """Wait for the end of the process, leave it to be waited for, and return the peak of its private memory."""
    descriptor = os.pidfd_open(process)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        peak = 0
        while not poll.poll(INTERVAL):
            peak = max(peak, sum(_private(number) for number in _family(process)))
        return peak
    finally:
        os.close(descriptor)


def _family(process: int) -> Iterator[int]:
    yield process
    with suppress(OSError):
        for thread in Path(f"/proc/{process}/task").iterdir():
            for child in (thread / "children").read_text(encoding="ascii").split():
                yield from _family(int(child))


def _private(process: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) << 10  # kB there are KiB
    return 0


def _io_counters(process: int) -> dict[str, int]:
    rows = Path(f"/proc/{process}/io").read_text(encoding="ascii").splitlines()
    return {name: int(value) for name, value in (row.split(": ") for row in rows)}
