"""Tests of tools.wheel.zip.output: the hash is that of the file, whatever was left open or taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.wheel.zip.output import Output
from tools.workers.progress import Progress


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a path to write to."""
    return tmp_path / "file"


@pytest.fixture
def output(file: Path) -> Iterator[Output]:
    """Return an output to that path."""
    with file.open("w+b") as opened:
        yield Output(opened.fileno(), file, Progress())


def test_what_is_written_is_hashed(output: Output, file: Path) -> None:
    output.write(b"one")
    output.write(memoryview(b"two"))

    assert file.read_bytes() == b"onetwo"
    assert output.hexdigest() == hashlib.sha256(b"onetwo").hexdigest()


def test_room_is_filled_in_later_and_hashed_in_its_place(output: Output, file: Path) -> None:
    output.write(b"a")
    room = output.leave_room(3)
    output.write(b"behind")
    output.fill(room, b"bcd")
    output.write(b"end")

    assert file.read_bytes() == b"abcdbehindend"
    assert output.hexdigest() == hashlib.sha256(b"abcdbehindend").hexdigest()


def test_going_back_forgets_what_was_written(output: Output, file: Path) -> None:
    output.write(b"kept")
    mark = output.mark()
    output.write(b"forgotten and long")
    output.go_back(mark)
    output.write(b"new")

    assert file.read_bytes() == b"keptnew"
    assert output.hexdigest() == hashlib.sha256(b"keptnew").hexdigest()


def test_one_can_go_back_twice(output: Output) -> None:
    mark = output.mark()
    for _ in range(2):
        output.write(b"x")
        output.go_back(mark)

    assert output.hexdigest() == hashlib.sha256().hexdigest()


def test_room_must_be_filled(output: Output) -> None:
    output.leave_room(3)

    with pytest.raises(AssertionError, match="room was left and never filled"):
        output.hexdigest()
