"""What tests of the wheel step share."""

from __future__ import annotations

import pytest

from tests.support.project import Project
from tools.wheel.sizes import Sizes


@pytest.fixture
def small_limits(project: Project) -> None:
    """Make 100,000 bytes a large member, so that tests of large ones are quick."""
    project.sizes = Sizes(probe=50_000, whole=100_000, piece=30_000, batch=20_000, block=10_000)
