"""Tests of tools.wheel.versions: each version is one that the key of a task, or a recipe, holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.places import ROOT
from tools.wheel import versions

NAMES = sorted(name for name in vars(versions) if name.endswith("_VERSION"))


def readers(name: str) -> list[Path]:
    """Return the modules that read a version."""
    modules = [path for folder in ("rules", "tools") for path in (ROOT / folder).rglob("*.py")]
    own = Path(versions.__file__)
    return [path for path in modules if path != own and re.search(rf"\b{name}\b", path.read_text("utf-8"))]


@pytest.mark.parametrize("name", NAMES)
def test_a_version_that_goes_up_is_noticed(name: str) -> None:
    assert getattr(versions, name) >= 1
    assert any(path.is_relative_to(ROOT / "rules") for path in readers(name))
