"""The last traces on disk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tools.trace.model import Run
from tools.trace.store import KEPT, trace_file, write_trace


def run(number: int) -> Run:
    return Run(began=0, command=(str(number),), cpu=0.0)


def commands(directory: Path) -> dict[str, list[str]]:
    return {file.name: json.loads(file.read_text())["otherData"]["command"] for file in sorted(directory.iterdir())}


def test_the_last_five_are_kept(tmp_path):
    for number in range(8):
        write_trace(tmp_path, run(number))

    assert commands(tmp_path) == {
        "trace.1.json": ["6"],
        "trace.2.json": ["5"],
        "trace.3.json": ["4"],
        "trace.4.json": ["3"],
        "trace.json": ["7"],
    }
    assert trace_file(tmp_path, KEPT - 1).exists()


def test_one_that_is_killed_while_it_writes_leaves_the_older_ones(tmp_path):
    write_trace(tmp_path, run(1))
    script = (
        "import os, signal, sys, tools.trace.store as store\n"
        "from pathlib import Path\n"
        "from tools.trace.model import Run\n"
        "store.write_json = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "store.write_trace(Path(sys.argv[1]), Run(began=0, command=('2',), cpu=0.0))\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, tmp_path], env={**os.environ, "PYTHONPATH": "."}, check=False
    )

    assert killed.returncode == -signal.SIGKILL
    assert commands(tmp_path) == {"trace.1.json": ["1"]}
