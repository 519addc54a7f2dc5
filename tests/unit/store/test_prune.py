"""What leaves a store: a decision about names and times."""

from __future__ import annotations

from tools.store.objects import Object
from tools.store.prune import DAY, plan_prune

NOW = 100 * DAY


def thing(name: str, days: float, size: int = 1) -> Object:
    """Return what was written so many days ago."""
    return Object(name=name, size=size, modified=NOW - days * DAY)


def version(number: str, days: float) -> list[Object]:
    """Return a wheel with its receipt."""
    wheel = thing(f"wheels/{number}/rocm_sdk_core-{number}-py3-none-any.whl", days, 1000)
    return [wheel, thing(f"receipts/{number}.json", days)]


def test_the_newest_nightlies_stay_and_so_does_every_release():
    things = [*version("1.0a9", 3), *version("1.0a10", 2), *version("1.0a11", 1), *version("0.9", 90)]

    pruned = plan_prune(things, keep=2, now=NOW)

    assert pruned.versions == ("1.0a9",)
    assert [one.name for one in pruned.removed] == ["receipts/1.0a9.json", things[0].name], "the receipt first"
    assert pruned.size == 1001
    assert pruned.foreign == ()


def test_nothing_leaves_while_there_are_few():
    assert plan_prune([*version("1.0a9", 3), thing("catalogs/a.json", 50)], keep=1, now=NOW).removed == ()


def test_what_has_no_version_leaves_with_the_wheels_that_came_after_it():
    things = [
        *version("1.0a1", 5),
        *version("1.0a2", 2),
        thing("catalogs/old.json", 6),
        thing("catalogs/new.json", 4),
        thing("plans/old.json", 6),
        thing("files/old.json", 6),
    ]

    pruned = plan_prune(things, keep=1, now=NOW)

    left = {one.name for one in things} - {one.name for one in pruned.removed}
    assert left == {"catalogs/new.json", "receipts/1.0a2.json", things[2].name}


def test_what_was_never_finished_leaves_after_a_day():
    wheel = "wheels/{}/rocm_sdk_core-1.0-py3-none-any.whl"
    things = [
        thing(wheel.format("young"), 0.5),
        thing(wheel.format("old"), 2),
        thing("wheels/x/.a.0123abcd.part", 2),
        thing("wheels/y/.a.0123abcd.part", 0.5),
        thing("receipts/alone.json", 0.1),
    ]

    pruned = plan_prune(things, keep=1, now=NOW)

    assert [one.name for one in pruned.removed] == [
        "receipts/alone.json",
        "wheels/old/rocm_sdk_core-1.0-py3-none-any.whl",
        "wheels/x/.a.0123abcd.part",
    ]


def test_what_is_nothing_of_a_store_stays_and_is_named():
    names = ["index.html", "wheels/a/notes.txt", "wheels/a/b/c-1.0-py3-none-any.whl", "logs/a.json", "catalogs/a.txt"]

    pruned = plan_prune([thing(name, 99) for name in names], keep=1, now=NOW)

    assert pruned.removed == ()
    assert pruned.foreign == tuple(sorted(names))
