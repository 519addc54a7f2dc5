"""A DLL with everything in it, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import pe_files


@pytest.fixture(scope="session")
def features(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pe_files.features(tmp_path_factory.mktemp("pe"))
