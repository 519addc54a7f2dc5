"""The shipped table agrees with itself and with the names of artifacts."""

from __future__ import annotations

from collections import Counter

import pytest

from tools.sample.debian.table import read_table

TABLE = read_table()


def test_no_package_is_named_twice() -> None:
    names = Counter(package for group in TABLE.groups for package in group.packages)

    assert [name for name, number in names.items() if number > 1] == []


def test_every_row_names_an_artifact_a_component_and_a_place_that_there_are() -> None:
    for row in (*TABLE.groups, *TABLE.links, *TABLE.texts):
        assert row.artifact in TABLE.artifacts
        assert row.base.endswith("/stage")
    for own in (*TABLE.links, *TABLE.texts):
        assert own.component in TABLE.artifacts[own.artifact].components
    assert {group.place for group in TABLE.groups} <= TABLE.places.keys()


def test_every_pattern_list_ends_with_one_that_fits_all() -> None:
    assert TABLE.components[-1][0] == "*"


@pytest.mark.parametrize(
    ("bulk", "large", "with_boost", "with_rocsparse"),
    [(False, False, False, False), (True, False, True, False), (True, True, True, True)],
)
def test_bulk_and_large_choose_packages(bulk: bool, large: bool, with_boost: bool, with_rocsparse: bool) -> None:
    chosen = dict(TABLE.selected(bulk=bulk, large=large))

    assert ("libboost1.81-dev" in chosen, "librocsparse0" in chosen) == (with_boost, with_rocsparse)
    assert "libamdhip64-5" in chosen
