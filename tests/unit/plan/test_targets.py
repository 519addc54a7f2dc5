"""GFX targets of files."""

from __future__ import annotations

import pytest

from tools.plan.targets import gaps, targets_in


@pytest.mark.parametrize(
    ("path", "targets"),
    [
        ("lib/Kernels_gfx942.hsaco", ["gfx942"]),
        ("db/gfx90a68.db", ["gfx90a"]),  # a number of compute units
        ("lib/gfx94X/x", []),
        ("lib/gfx1151-gfx1150.co", ["gfx1151", "gfx1150"]),
        ("lib/gfx9.co", []),
    ],
)
def test_targets_of_a_path(path, targets):
    assert targets_in(path, {"gfx90a", "gfx942"}) == targets


def test_a_target_that_lacks_what_others_have():
    found = {"gfx942": {"blas", "fft"}, "gfx950": {"blas"}, "gfx90a": {"fft"}}

    assert gaps(found, {"gfx950": (), "gfx90a": ("blas",), "gfx942": ()}) == [
        "gfx950 has no device files of fft, which gfx90a, gfx942 have"
    ]
