"""One run at a time, and nothing half written stays."""

from __future__ import annotations

import pytest

from tools.develop.exclusive import PARTS, exclusive, parts_of
from tools.errors import UserError


def test_what_a_killed_run_left_is_removed(environment):
    left = environment.directory / PARTS / "sdist"
    left.mkdir(parents=True)

    with exclusive(environment, wait=True):
        assert not (environment.directory / PARTS).exists()
        parts_of(environment)

    assert not (environment.directory / PARTS).exists()


def test_a_second_run_is_refused_where_it_may_not_wait(environment):
    with exclusive(environment, wait=True), pytest.raises(UserError) as caught, exclusive(environment, wait=False):
        pass

    assert str(caught.value) == f"venv: another develop is at work in {environment.directory}; run again after it"
