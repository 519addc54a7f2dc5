"""What a watch says of a burst of changes."""

from __future__ import annotations

from rules.commands.watch import seen


def test_one_file():
    assert seen(["a/b.so"]) == "1 file changed: a/b.so"


def test_many_files_are_counted_and_the_first_named():
    paths = [f"a/{number:03}" for number in range(100)]

    assert seen(paths) == f"100 files changed: {', '.join(paths[:10])} and 90 more"
