"""Sizes as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.loading.setting_values import size


@pytest.mark.parametrize(
    ("text", "count"),
    [("0", 0), ("20MB", 20_000_000), ("20 mb", 20_000_000), ("1.5 GB", 1_500_000_000), ("7kB", 7000), (512, 512)],
)
def test_units_are_of_a_thousand(text, count):
    assert size(text, Path()) == count


@pytest.mark.parametrize("text", ["", "-1", "MB", "1 MiB", "1e9", "20 MB more", True, None])
def test_anything_else_is_an_error(text):
    with pytest.raises(ValueError, match=r"^must be a number of bytes, such as 500 kB, 20 MB or 1\.5 GB$"):
        size(text, Path())
