"""Tests of tools.workers.reuse: who compresses what."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.contracts import written
from tests.support.project import Project
from tools.receipt import WrittenMember
from tools.workers.reuse import FRESH, Located, Promise, Reuse, WheelFile


def row(recipe: str, offset: int = 0, length: int = 3) -> WrittenMember:
    return written("p", length, recipe=recipe, offset=offset)


@pytest.fixture
def place(tmp_path: Path) -> WheelFile:
    """Return a place that holds ``0123456789``."""
    file = tmp_path / "file"
    file.write_bytes(b"0123456789")
    return WheelFile(file)


def test_the_first_who_asks_promises(place: WheelFile) -> None:
    reuse, first, second = Reuse(1000), Promise(), Promise()

    assert reuse.claim(["a", "b", "a"], first) == [FRESH, FRESH, first]
    assert reuse.claim(["b", "c"], second) == [first, FRESH]


def test_what_is_published_is_found(place: WheelFile) -> None:
    reuse, promise = Reuse(1000), Promise()
    reuse.claim(["a", "b"], promise)

    reuse.publish(place, [row("a")])
    reuse.release(promise)

    assert reuse.claim(["a", "b"], Promise()) == [Located(place, row("a")), FRESH]
    assert promise.settled.is_set()


def test_what_is_forgotten_is_nobodys(place: WheelFile) -> None:
    reuse = Reuse(1000)
    reuse.publish(place, [row("a")])
    stored = reuse.find("a")
    assert stored

    reuse.forget("a", stored)

    assert reuse.find("a") is None


def test_forgetting_an_old_place_keeps_the_new_one(place: WheelFile) -> None:
    reuse = Reuse(1000)
    reuse.publish(place, [row("a")])
    old = reuse.find("a")
    assert old
    reuse.publish(place, [row("a", 5)])

    reuse.forget("a", old)

    assert reuse.find("a") == Located(place, row("a", 5))


@pytest.mark.parametrize(("offset", "length"), [(0, 11), (10, 1), (-1, 2), (1 << 70, 1)])
def test_bytes_beyond_a_file_are_not_there(place: WheelFile, offset: int, length: int) -> None:
    assert place.read(2, 3) == b"234"
    assert place.read(offset, length) is None


def test_a_wheel_without_its_name_yet_is_read_through_its_descriptor(tmp_path: Path) -> None:
    part, wheel = tmp_path / "part", tmp_path / "wheel"
    part.write_bytes(b"0123")
    descriptor = os.open(part, os.O_RDONLY)
    place = WheelFile(wheel, descriptor)

    assert place.read(0, 2) == b"01"
    part.rename(wheel)
    place.settle(wheel)
    assert place.read(2, 2) == b"23"
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_wheel_that_was_given_up_has_nothing(place: WheelFile) -> None:
    place.settle(None)

    assert place.read(0, 1) is None


def test_a_receipt_is_read_once_unless_it_changes(project: Project) -> None:
    project.build(project.source("a", b"a"))
    reuse = Reuse(1000)

    reuse.add_receipt(project.receipt())
    recipes = list(reuse._known)
    reuse._known.clear()
    reuse.add_receipt(project.receipt())
    assert not reuse._known
    os.utime(project.receipt(), ns=(0, 0))
    reuse.add_receipt(project.receipt())
    assert list(reuse._known) == recipes


def test_a_receipt_of_this_process_is_not_read_at_all(project: Project) -> None:
    project.build(project.source("a", b"a"))
    project.context.reuse._known.clear()

    project.context.reuse.add_receipt(project.receipt())

    assert not project.context.reuse._known


def test_a_receipt_teaches_the_wanted_recipes_alone(project: Project) -> None:
    project.build(project.source("a", b"a"), project.source("b", b"b"))
    reuse, wanted = Reuse(1000), next(iter(project.context.reuse._known))

    reuse.add_receipt(project.receipt(), ["another recipe"])
    assert not reuse._known
    reuse.add_receipt(project.receipt(), ["another recipe", wanted])
    assert list(reuse._known) == [wanted]


def published(reuse: Reuse, directory: Path, *names: str) -> None:
    """Publish a finished wheel of one member for each name, one after the other."""
    for name in names:
        with reuse.session():
            reuse.publish(WheelFile(directory / name), [row(name)])


def known(reuse: Reuse, names: str) -> str:
    return "".join(name for name in names if reuse.find(name))


def test_the_oldest_wheels_are_forgotten_when_there_is_no_room(tmp_path: Path) -> None:
    reuse = Reuse(3)

    published(reuse, tmp_path, *"abcde")

    assert known(reuse, "abcde") == "cde"


def test_nothing_is_forgotten_that_a_wheel_may_have_seen_when_it_began(tmp_path: Path) -> None:
    reuse = Reuse(1)
    published(reuse, tmp_path, "a")

    with reuse.session():
        published(reuse, tmp_path, *"bcd")
        assert known(reuse, "abcd") == "bcd"
    assert known(reuse, "abcd") == "d"
