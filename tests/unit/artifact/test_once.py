from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
import threading

import pytest

from tests.support.places import ROOT
from tools.artifact.once import alone_with
from tools.errors import UserError

HOLDER = """
import sys, time
from pathlib import Path
from tools.artifact.once import alone_with
with alone_with(Path(sys.argv[1])):
    print("in", flush=True)
    time.sleep(60)
"""


def test_threads_go_in_one_by_one(tmp_path):
    inside, most = [], []

    def enter() -> None:
        with alone_with(tmp_path / "a.tar"):
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=enter) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [1] * 20


def test_a_holder_that_is_killed_lets_go(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, tmp_path / "a.tar"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout.readline() == "in\n"
        holder.kill()

        with alone_with(tmp_path / "a.tar"):
            pass

    assert [path.name for path in tmp_path.iterdir()] == [".a.tar.lock"]


def test_two_files_are_made_at_once(tmp_path):
    with alone_with(tmp_path / "a.tar"), alone_with(tmp_path / "b.tar"):
        assert sorted(path.name for path in tmp_path.iterdir()) == [".a.tar.lock", ".b.tar.lock"]


def test_a_file_system_without_locks_is_said(tmp_path, monkeypatch):
    def refuse(descriptor: int, operation: int) -> None:  # what NFS without lockd answers
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)

    with pytest.raises(UserError) as error, alone_with(tmp_path / "a.tar"):
        pass

    assert str(error.value) == (
        f"{tmp_path}/.a.tar.lock: cannot be locked: No locks available; set build_dir to a file system that has locks "
        f"(flock)"
    )


def test_a_directory_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(UserError) as error, alone_with(tmp_path / "file" / "a.tar"):
        pass

    assert str(error.value) == f"{tmp_path}/file: cannot be made a directory: File exists"
