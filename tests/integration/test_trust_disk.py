"""A file system that is full: a sentence, nothing half-written, and the next run ends with the same bytes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.doit_process import Doit, tree_of


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a file system of its own, of one megabyte."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a file system")
    directory = tmp_path / "disk"
    directory.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(directory)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine does not allow mounts")
    yield directory
    subprocess.run(["umount", str(directory)], check=True)


def make_room(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=200m", str(disk)], check=True)


def test_no_room_to_build(doit: Doit, expected, small_disk: Path):
    crowded = replace(doit, directory=small_disk)

    first = crowded("index")

    assert first.code in (1, 3)  # a step cannot write, or nobody can note that it is finished
    assert first.err.endswith((": No space left on device\n", ": database or disk is full\n"))
    assert "Traceback" not in first.err
    assert first.code == 3 or not list(small_disk.rglob("*.part"))  # 3 does not wait for tasks that are under way
    written = [path for path in small_disk.rglob("*.whl") if path.is_file()]
    assert all(expected[path.name] == path.read_bytes() for path in written)

    make_room(small_disk)
    second = crowded("index")

    assert (second.code, second.err) == (0, "")
    assert tree_of(crowded.dist) == expected
    assert not list(small_disk.rglob("*.part"))


def test_no_room_for_the_dist(doit: Doit, expected, small_disk: Path):
    crowded = replace(doit, settings={**doit.settings, "dist_dir": str(small_disk / "dist")})
    filler = small_disk / "filler"
    filler.write_bytes(bytes(850_000))

    first = crowded("index")

    assert first.code == 1
    assert first.err.startswith(f"failed  dist: {small_disk}/dist/")
    assert first.err.endswith(": cannot be written: No space left on device\n")
    written = [path for path in (small_disk / "dist").iterdir() if path.suffix in (".whl", ".gz")]
    assert all(expected[path.name] == path.read_bytes() for path in written)

    filler.unlink()
    second = crowded("index")

    assert (second.code, second.err) == (0, "")
    assert tree_of(small_disk / "dist") == expected
