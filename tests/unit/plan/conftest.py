"""A planner of described artifacts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.unit.plan.trees import BASE, Planner, Tree


@pytest.fixture
def planner() -> Callable[..., Planner]:
    """Return a function that makes a planner of BASE and the given artifacts."""

    def make(artifacts: Tree, layout: str = "per-family", *, base: bool = True, **options: object) -> Planner:
        return Planner(layout, {**(BASE if base else {}), **artifacts}, **options)  # type: ignore[arg-type]

    return make
