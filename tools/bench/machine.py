"""What figures were measured on: without it they mean nothing."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from pathlib import Path

import msgspec

from tools.workers.pool import cores

_PROJECT = Path(__file__).parents[2]


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """A machine, and which sources it ran."""

    processor: str
    cores: int  # that may be used
    memory: int  # bytes
    python: str  # version
    commit: str  # of the sources, short; "" where git does not know
    load: float  # of the minute before: a busy machine takes longer

    def __str__(self) -> str:
        """Return all of it as one line."""
        at = f", commit {self.commit}" if self.commit else ""
        memory = f"{self.memory / 2**30:.0f} GiB"
        return f"{self.processor}, {self.cores} cores, {memory}, load {self.load:.1f}, Python {self.python}{at}"


def this_machine() -> Machine:
    """Return the machine that this process runs on."""
    return Machine(
        processor=_processor(Path("/proc/cpuinfo").read_text(encoding="utf-8")),
        cores=cores(),
        memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        python=platform.python_version(),
        commit=_commit(),
        load=os.getloadavg()[0],
    )


def _processor(cpuinfo: str) -> str:
    """Return the model's name, without the signs of a trademark; proc_cpuinfo(5) has one on x86."""
    found = re.search(r"^model name\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    return re.sub(r"\((R|TM)\)", "", found[1]).strip() if found else platform.machine()


def _commit() -> str:
    command = ("git", "describe", "--always", "--dirty", "--match=")
    try:
        return subprocess.run(command, cwd=_PROJECT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
