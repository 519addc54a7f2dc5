"""A Windows for each worker, and a Python in it for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.windows.wine import Environment, Wine, environment, wine


@pytest.fixture(scope="session")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wine]:
    with wine(tmp_path_factory.mktemp("wine") / "prefix") as made:
        yield made


@pytest.fixture
def python(windows: Wine, tmp_path: Path) -> Environment:
    return environment(windows, tmp_path / "python")
