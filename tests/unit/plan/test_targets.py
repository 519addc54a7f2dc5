"""GFX targets of files."""

from __future__ import annotations

import pytest

from tools.plan.model import Member
from tools.plan.targets import foreign_names, gaps, targets_in


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


def test_a_file_of_another_target_is_named_with_its_artifact():
    members = [
        Member(path="_p/lib/a_gfx950.co", kind="copy", mode=0o644, source="blas_lib_gfx942/s/lib/a_gfx950.co"),
        Member(path="_p/lib/a_gfx942.co", kind="copy", mode=0o644, source="blas_lib_gfx942/s/lib/a_gfx942.co"),
        Member(path="_p/gfx950.json", kind="text", mode=0o644),
    ]

    assert foreign_names(members, "gfx942", {"gfx942", "gfx950"}) == [
        "blas_lib_gfx942: lib/a_gfx950.co: is named after gfx950, in a wheel for gfx942; ship it in an artifact of "
        "gfx950, or exclude it"
    ]


def test_a_target_that_lacks_what_others_have():
    found = {"gfx942": {"blas", "fft"}, "gfx950": {"blas"}, "gfx90a": {"fft"}}

    assert gaps(found, {"gfx950": (), "gfx90a": ("blas",), "gfx942": ()}) == [
        "gfx950 has no device files of fft, which gfx90a, gfx942 have"
    ]
