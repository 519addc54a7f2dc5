"""Init killed at random moments, and two of them at once."""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rocm_sdk_core import _devel, _lock, _site

from tests.support import small_rocm
from tests.support.devel_tree import ROOT, listing
from tests.support.small_rocm import FAMILY

KILLS = 50
HEADERS = 100
INIT = (
    "import sys; sys.path.insert(0, sys.argv[1])\n"
    "from rocm_sdk_core import _devel\n"
    "print('ready', flush=True)\n"
    "_devel.make(sys.argv[1], sys.argv[2])\n"
)


def large_site(site: Path) -> Path:
    """Many links, so that a kill often comes in the middle of them."""
    headers = {f"_rocm_sdk_core/include/d{n % 7}/{n}.h": b"h" for n in range(HEADERS)}
    small_rocm.core(extra=headers).unpack(site)
    small_rocm.libraries(FAMILY).unpack(site)
    fresh_devel(site)
    return site


def fresh_devel(site: Path) -> None:
    shutil.rmtree(site / ROOT, ignore_errors=True)
    rows = [
        (f"include/d{n % 7}/{n}.h", ("symlink", "real")[n % 2], "_rocm_sdk_core", f"include/d{n % 7}/{n}.h")
        for n in range(HEADERS)
    ]
    small_rocm.devel(FAMILY, rows=[*small_rocm.devel_rows(FAMILY), *rows]).unpack(site)


def start(site: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-I", "-B", "-S", "-c", INIT, str(site), ROOT]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def finish(process: subprocess.Popen[str]) -> int:
    with process:
        return process.wait(timeout=60)


def test_after_any_kill_one_more_init_completes_the_tree(tmp_path: Path) -> None:
    site = large_site(tmp_path / "site")
    began = time.monotonic()
    _devel.make(str(site), ROOT)
    duration = time.monotonic() - began
    complete = listing(site)
    record = next(site.glob("rocm_sdk_devel*.dist-info")) / "RECORD"
    seed = random.randrange(1 << 32)
    randomness = random.Random(seed)
    cut_short = 0

    for _ in range(KILLS):
        fresh_devel(site)
        members = set(listing(site))
        process = start(site)
        time.sleep(randomness.uniform(0, 1.2 * duration))
        process.kill()
        finish(process)

        made = set(listing(site)) - members
        rows = record.read_text("utf-8").splitlines()
        assert not made or f"{ROOT},," in rows, f"seed {seed}: links that no uninstall would remove"
        if _site.is_current(str(site), ROOT):
            assert listing(site) == complete, f"seed {seed}: called complete but is not"
        elif made:
            cut_short += 1
        _devel.make(str(site), ROOT)
        assert listing(site) == complete, f"seed {seed}: not complete after one more init"
        assert [path.name for path in record.parent.iterdir() if "rocm-sdk" in path.name] == []

    assert cut_short > 0, f"seed {seed}: no kill came while links were made"


def test_two_processes_at_once_make_one_tree(tmp_path: Path) -> None:
    site = large_site(tmp_path / "site")

    processes = [start(site) for _ in range(4)]

    assert [finish(process) for process in processes] == [0, 0, 0, 0]
    assert _site.is_current(str(site), ROOT)
    assert _devel.make(str(site), ROOT).made == 0
    record = next(site.glob("rocm_sdk_devel*.dist-info")) / "RECORD"
    assert record.read_text("utf-8").splitlines().count(f"{ROOT},,") == 1


def test_a_second_process_waits_for_the_first_and_says_so(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    waited: list[str] = []

    def let_go() -> None:
        waited.append("waiting")
        os.close(descriptor)

    with _lock.locked(str(tmp_path), let_go):
        assert waited == ["waiting"]


def test_where_directories_cannot_be_locked_the_link_table_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(9, "Bad file descriptor")  # what network file systems say

    monkeypatch.setattr(_lock.fcntl, "flock", refuse)
    script = (
        "import fcntl, sys\n"
        "file = open(sys.argv[1], 'r+b')\n"
        "try: fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 1 << 30)\n"
        "except OSError: print('taken')\n"
        "else: print('free')\n"
    )

    root = tmp_path / "_rocm_sdk_devel"
    root.mkdir()
    table = root / "rocm_sdk_devel.links.json"
    table.write_text("{}")

    def other_process() -> str:
        command = [sys.executable, "-c", script, str(table)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    with _lock.locked(str(root), lambda: None):
        assert other_process() == "taken"
    assert other_process() == "free"
    assert list(root.iterdir()) == [table]
