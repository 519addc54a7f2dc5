"""Tests of tools.workers.reuse: who compresses what."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.unit.wheel.projects import Project
from tools.receipt import WrittenMember
from tools.workers.reuse import STORE, Claim, Place, Store, Stored


def row(recipe: str, offset: int = 0, length: int = 3) -> WrittenMember:
    return WrittenMember(
        path="p",
        recipe=recipe,
        sha256="",
        crc32=0,
        size=length,
        compressed_size=length,
        offset=offset,
        method=0,
        digest="",
        mode=0o644,
    )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return a place that holds ``0123456789``."""
    file = tmp_path / "file"
    file.write_bytes(b"0123456789")
    return Place(file)


def test_the_first_who_asks_promises(place: Place) -> None:
    store, first, second = Store(), Claim(), Claim()

    assert store.claim(["a", "b", "a"], first) == [None, None, first]
    assert store.claim(["b", "c"], second) == [first, None]


def test_what_is_published_is_found(place: Place) -> None:
    store, claim = Store(), Claim()
    store.claim(["a", "b"], claim)

    store.publish(place, [row("a")])
    store.release(claim)

    assert store.claim(["a", "b"], Claim()) == [Stored(place, row("a")), None]
    assert claim.settled.is_set()


def test_what_is_forgotten_is_nobodys(place: Place) -> None:
    store = Store()
    store.publish(place, [row("a")])
    stored = store.find("a")
    assert stored

    store.forget("a", stored)

    assert store.find("a") is None


def test_forgetting_an_old_place_keeps_the_new_one(place: Place) -> None:
    store = Store()
    store.publish(place, [row("a")])
    old = store.find("a")
    assert old
    store.publish(place, [row("a", 5)])

    store.forget("a", old)

    assert store.find("a") == Stored(place, row("a", 5))


@pytest.mark.parametrize(("offset", "length"), [(0, 11), (10, 1), (-1, 2), (1 << 70, 1)])
def test_bytes_beyond_a_file_are_not_there(place: Place, offset: int, length: int) -> None:
    assert place.read(2, 3) == b"234"
    assert place.read(offset, length) is None


def test_a_wheel_without_its_name_yet_is_read_through_its_descriptor(tmp_path: Path) -> None:
    part, wheel = tmp_path / "part", tmp_path / "wheel"
    part.write_bytes(b"0123")
    descriptor = os.open(part, os.O_RDONLY)
    place = Place(wheel, descriptor)

    assert place.read(0, 2) == b"01"
    part.rename(wheel)
    place.settle(wheel)
    assert place.read(2, 2) == b"23"
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_wheel_that_was_given_up_has_nothing(place: Place) -> None:
    place.settle(None)

    assert place.read(0, 1) is None


def test_a_receipt_is_read_once_unless_it_changes(project: Project) -> None:
    project.build(project.source("a", b"a"))
    store = Store()

    store.add_receipt(project.receipt())
    recipes = list(store._known)
    store._known.clear()
    store.add_receipt(project.receipt())
    assert not store._known
    os.utime(project.receipt(), ns=(0, 0))
    store.add_receipt(project.receipt())
    assert list(store._known) == recipes


def test_a_receipt_of_this_process_is_not_read_at_all(project: Project) -> None:
    project.build(project.source("a", b"a"))
    STORE._known.clear()

    STORE.add_receipt(project.receipt())

    assert not STORE._known


def test_a_receipt_without_a_wanted_recipe_teaches_nothing_until_one_is_wanted(project: Project) -> None:
    project.build(project.source("a", b"a"), project.source("b", b"b"))
    store = Store()

    store.add_receipt(project.receipt(), ["another recipe"])
    assert not store._known
    store.add_receipt(project.receipt(), ["another recipe", next(iter(STORE._known))])
    assert len(store._known) > 2
