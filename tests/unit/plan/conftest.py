"""A planner of described artifacts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.planner import Planner, make_planner


@pytest.fixture
def planner() -> Callable[..., Planner]:
    """Return a function that makes a planner of BASE and the given artifacts."""
    return make_planner
