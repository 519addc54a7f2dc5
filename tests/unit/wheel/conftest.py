"""Every test of the wheel step begins as a process does: nothing known, nothing counted."""

from __future__ import annotations

import pytest

from tools.workers.kept import KEPT
from tools.workers.progress import PROGRESS
from tools.workers.reuse import STORE


@pytest.fixture(autouse=True)
def _fresh_process() -> None:
    STORE.clear()
    PROGRESS.reset()
    KEPT.clear()


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make 100,000 bytes a large member, so that tests of large ones are quick."""
    monkeypatch.setattr("tools.wheel.build.WHOLE", 100_000)
    monkeypatch.setattr("tools.wheel.schedule.cut_step.PIECE", 30_000)
    monkeypatch.setattr("tools.wheel.schedule.whole_step.BLOCK", 10_000)
    monkeypatch.setattr("tools.wheel.schedule.copying.BLOCK", 10_000)
    monkeypatch.setattr("tools.wheel.compress.packing.PROBE", 50_000)
    monkeypatch.setattr("tools.wheel.build.BATCH", 20_000)
