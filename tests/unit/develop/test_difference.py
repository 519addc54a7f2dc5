"""What has to change: what is missing or not known to be right is put, what nobody wants is gone."""

from __future__ import annotations

import pytest

from tools.develop.difference import difference, in_the_way
from tools.develop.model import Held, Item

STAMP = (3, 10, 7)
ITEM = Item("a/b", False, "key", 3)
HELD = Held("key", False, STAMP)


def test_what_is_there_as_it_was_left_stays():
    assert difference({"a/b": ITEM}, {"a/b": HELD}, {"a/b": STAMP}, {"a/b"}) == ([], [])


@pytest.mark.parametrize(
    ("held", "stamp"),
    [
        pytest.param({}, None, id="missing"),
        pytest.param({}, STAMP, id="there, nobody knows what"),
        pytest.param({"a/b": HELD}, None, id="removed"),
        pytest.param({"a/b": HELD}, (3, 11, 7), id="written to"),
        pytest.param({"a/b": HELD}, (3, 10, 8), id="another file"),
        pytest.param({"a/b": Held("old", False, STAMP)}, STAMP, id="other content"),
        pytest.param({"a/b": Held("key", True, STAMP)}, STAMP, id="other mode"),
    ],
)
def test_everything_else_is_put(held, stamp):
    assert difference({"a/b": ITEM}, held, {"a/b": stamp}, set()).put == [ITEM]


def test_what_is_no_longer_wanted_is_gone():
    assert difference({"a/b": ITEM}, {"a/b": HELD}, {"a/b": STAMP}, {"z", "a/b", "c"}).gone == ["c", "z"]


def test_a_file_where_a_directory_goes_and_files_where_a_file_goes_are_in_the_way():
    assert in_the_way(["a", "b/c/d", "b/e", "x"], ["a/b", "b/c"]) == {"a", "b/c/d"}
