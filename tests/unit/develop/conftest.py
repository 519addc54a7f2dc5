"""An environment for the tests of this room."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.empty_environment import make_place
from tools.develop.environment import Environment


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return make_place(tmp_path / "venv")
