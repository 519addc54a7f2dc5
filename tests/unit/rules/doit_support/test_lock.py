"""One build at a time: the second one waits, or says who is at work."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rules.doit_support.lock import build_lock, is_held, let_go
from tools.errors import UserError

HOLDER = """
import sys
from pathlib import Path
from rules.doit_support.lock import build_lock
with build_lock(Path(sys.argv[1]), wait=True):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def holder(tmp_path: Path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_lock_names_its_holder(tmp_path):
    with build_lock(tmp_path, wait=False):
        assert (tmp_path / "lock").read_text() == str(os.getpid())


def test_a_file_system_without_locks_is_a_sentence_that_names_the_setting(tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)

    with pytest.raises(UserError) as caught, build_lock(tmp_path, wait=True):
        pass

    assert str(caught.value) == (
        f"build_dir: {tmp_path}: its file system has no locks (No locks available); name a directory on a local disk, "
        "such as build_dir=/tmp/rocm-wheels"
    )


def test_it_can_be_taken_again_after_the_block(tmp_path):
    for _ in range(2):
        with build_lock(tmp_path, wait=False) as died:
            assert died is False


def test_it_can_be_taken_again_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), build_lock(tmp_path, wait=False):
        raise ZeroDivisionError

    with build_lock(tmp_path, wait=False):
        pass


def test_whoever_does_not_wait_is_told_who_holds_it(tmp_path, holder):
    with pytest.raises(UserError) as caught, build_lock(tmp_path, wait=False):
        pass

    assert str(caught.value) == (f"another build is at work here (process {holder.pid} holds {tmp_path / 'lock'})")


def test_whoever_waits_is_told_for_whom_and_gets_it_in_the_end(tmp_path, holder):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as second:
        assert second.stderr.readline() == (
            f"waiting for another build (process {holder.pid} holds {tmp_path / 'lock'})\n"
        )
        holder.stdin.write("\n")
        holder.stdin.flush()
        assert second.stdout.readline() == "held\n"
        second.kill()


def test_a_killed_holder_holds_nothing(tmp_path, holder):
    holder.kill()
    holder.wait()

    with build_lock(tmp_path, wait=False) as died:
        assert died is True
        assert (tmp_path / "lock").read_text() == str(os.getpid())


def test_a_directory_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(UserError) as caught, build_lock(tmp_path / "file", wait=False):
        pass

    assert str(caught.value) == f"{tmp_path / 'file' / 'lock'}: cannot be written: File exists"


def test_a_lock_that_was_let_go_is_free_inside_its_block(tmp_path):
    with build_lock(tmp_path, wait=False):
        let_go()
        assert not is_held()
        with build_lock(tmp_path, wait=False):
            assert is_held()
