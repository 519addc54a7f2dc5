"""Files that nobody meant to ship, and names that some file systems cannot tell apart."""

from __future__ import annotations

import pytest

from tests.support.read_wheels import told, wheel
from tools.verify.leftovers import check_leftovers


@pytest.mark.parametrize("name", [".nfs0000a1", "core.4711", ".DS_Store", "Thumbs.db"])
def test_what_was_left_over_is_told(name):
    assert told(check_leftovers(wheel("core", {f"a/{name}": b""}))) == [
        f"warning: names: was left over by a file system, a crash or a file manager: a/{name}"
    ]


@pytest.mark.parametrize("name", ["core.h", "core.so.1", ".nfs", "nfs0000a1", "Thumbs.db.txt", "DS_Store"])
def test_names_that_only_look_like_it_are_fine(name):
    assert told(check_leftovers(wheel("core", {f"a/{name}": b""}))) == []


def test_names_that_differ_in_case_only_are_told_together():
    files = {"a/Makefile": b"", "a/makefile": b"", "b/makefile": b""}

    assert told(check_leftovers(wheel("core", files))) == [
        "warning: names: differs in case only, so one replaces the other on some file systems: a/Makefile, a/makefile"
    ]
