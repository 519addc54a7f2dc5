"""What every test shares: slow tests run with --slow, long loops in CI, too, and no setting of the user's leaks in."""

from __future__ import annotations

import os

import hypothesis
import pytest

hypothesis.settings.register_profile("shared machines", deadline=None)  # how long an example takes says nothing there
hypothesis.settings.load_profile("shared machines")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run the tests marked slow or loop")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--slow"):
        return
    left_out = {"slow": "runs with --slow"}
    if "CI" not in os.environ:
        left_out["loop"] = "runs in CI and with --slow"
    for item in items:
        for marker, reason in left_out.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=f"{marker}: {reason}"))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("ROCM_WHEELS_", "ROCM_SDK_", "DOIT_", "DOITW_")):
            monkeypatch.delenv(name)
