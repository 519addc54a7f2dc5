"""Numbers as people read them."""

from __future__ import annotations

import pytest

from tools.text import size_text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (12.4, "12 bytes"),
        (1000, "1.00 kB"),
        (9994, "9.99 kB"),
        (9996, "10.0 kB"),
        (99_960, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.00 MB"),
        (1_345_000_000, "1.34 GB"),
        (2**63, "9223372 TB"),
    ],
)
def test_sizes_have_three_digits(size, text):
    assert size_text(size) == text
