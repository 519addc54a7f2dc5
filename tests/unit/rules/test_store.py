"""What a store changes in the tasks."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from rules.store import InStore


def ran(check: InStore) -> dict[str, object]:
    """Return what is remembered of a task that ran with a check."""
    task = SimpleNamespace(value_savers=[])
    check(task, {})
    return {name: value for saver in task.value_savers for name, value in saver().items()}


@pytest.mark.parametrize(
    ("values", "is_there"),
    [
        pytest.param(ran(InStore("s3://a/store")), True, id="the same store"),
        pytest.param(ran(InStore("s3://b/store")), False, id="another store"),
        pytest.param({}, False, id="no store"),
    ],
)
def test_what_was_made_with_this_store_is_there(values, is_there):
    check = InStore("s3://a/store")

    assert check(SimpleNamespace(value_savers=[]), values) is is_there
    assert repr(check) == "<it was made without this store>"
