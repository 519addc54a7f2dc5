"""Contents that are held between two steps: at most so many, and only until they are taken."""

from __future__ import annotations

from tools.workers.kept import Kept


def test_what_is_kept_is_taken_once():
    kept = Kept(100)
    kept.keep("a", b"content")

    assert kept.take("a") == b"content"
    assert kept.take("a") is None


def test_what_was_never_kept_is_not_there():
    assert Kept(100).take("a") is None


def test_nothing_is_kept_beyond_the_limit():
    kept = Kept(10)
    kept.keep("a", bytes(6))
    kept.keep("b", bytes(5))
    kept.keep("c", bytes(4))

    assert [kept.take(name) is not None for name in "abc"] == [True, False, True]


def test_what_is_taken_makes_room():
    kept = Kept(10)
    for name in "abc":
        kept.keep(name, bytes(10))
        assert kept.take(name) == bytes(10)


def test_equal_contents_take_room_once():
    kept = Kept(10)
    for _ in range(3):
        kept.keep("a", bytes(6))
    kept.keep("b", bytes(4))

    assert kept.take("b") == bytes(4)
