"""Names that members of an archive may have."""

from __future__ import annotations

import pytest

from tools.verify.member_name import name_problem


@pytest.mark.parametrize("name", ["a", "a/b.so.1", "_rocm_sdk_core/lib/.x", "a..b", "ü/ß", "x" * 255, "blas:xnack+"])
def test_a_name_below_the_place_is_fine(name):
    assert name_problem(name) is None


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("a/", "is a directory entry"),
        ("/etc/passwd", "has a name that leads out of the place it is unpacked to"),
        ("../a", "has a name that leads out of the place it is unpacked to"),
        ("a/../../b", "has a name that leads out of the place it is unpacked to"),
        ("a\\b", "has a name that leads out of the place it is unpacked to"),
        ("C:a", "has a name that leads out of the place it is unpacked to"),
        ("a//b", "has a name that no file can have"),
        ("./a", "has a name that no file can have"),
        ("a\nb", "has a name that no file can have"),
        ("", "has a name that no file can have"),
        ("ü" * 128, "has a name longer than 255 bytes"),
    ],
)
def test_what_is_wrong_with_a_name(name, problem):
    assert name_problem(name) == problem
