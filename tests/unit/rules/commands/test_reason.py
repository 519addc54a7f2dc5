"""Why a task runs: readable in 80 columns, however many paths there are."""

from __future__ import annotations

from pathlib import Path

from rules.commands.reason import Reason, about_paths, seen_from

HERE, BUILD = Path("/home/me/project"), Path("/scratch/build")


def test_one_name_stands_beside_the_sentence():
    assert Reason("an input changed", ("a.json", "a.json")).lines() == ["an input changed: a.json"]
    assert Reason("its rule changed").lines() == ["its rule changed"]


def test_of_many_names_five_stand_below_it():
    assert Reason("an input changed", tuple(f"{number}.json" for number in range(7))).lines() == [
        "an input changed:",
        *(f"  {number}.json" for number in range(5)),
        "  and 2 more",
    ]


def test_paths_are_told_from_where_the_user_is_or_from_a_place_that_is_named():
    paths = ["/home/me/project/build/a.json", "/scratch/build/plan/b.json", "/elsewhere/c"]

    assert list(about_paths("an input changed", paths, HERE, [BUILD])) == [
        Reason("an input changed", ("build/a.json",)),
        Reason("an input changed below /scratch/build", ("plan/b.json",)),
        Reason("an input changed", ("/elsewhere/c",)),
    ]


def test_a_place_is_told_from_where_the_user_is():
    told = [seen_from(HERE, place) for place in ("/home/me/project/a/b", "/elsewhere", "s3://bucket/run")]

    assert told == ["a/b", "/elsewhere", "s3://bucket/run"]
