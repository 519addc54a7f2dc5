"""Tests of tools.wheel.metadata: what a receipt repeats of METADATA."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.contracts import plan_of, text
from tools.errors import UserError
from tools.plan.model import Member
from tools.wheel.metadata import metadata_of, requires_python

INFO = "rocm_sdk_core-1.0.dist-info"
METADATA = text(f"{INFO}/METADATA", "Name: rocm-sdk-core\n")


def test_the_metadata_of_a_plan_is_that_of_its_own_directory() -> None:
    other = text("other-1.0.dist-info/METADATA", "Name: other\n")

    assert metadata_of(plan_of(other, METADATA), Path("plan.json")) == "Name: rocm-sdk-core\n"


def test_another_member_can_be_asked_for() -> None:
    assert metadata_of(plan_of(text("PKG-INFO", "Name: rocm\n")), Path("plan.json"), "PKG-INFO") == "Name: rocm\n"


@pytest.mark.parametrize(
    "members",
    [(), (text("METADATA", "x"),), (Member(path=METADATA.path, kind="copy", mode=0o644, source="a/b/c"),)],
    ids=["none", "elsewhere", "a file"],
)
def test_a_plan_without_metadata_is_refused(members: tuple[Member, ...]) -> None:
    with pytest.raises(UserError) as caught:
        metadata_of(plan_of(*members), Path("plan.json"))

    assert str(caught.value) == f"plan.json: has no text member {METADATA.path}, which every package needs"


@pytest.mark.parametrize(
    ("metadata", "value"),
    [
        ("Name: a\nRequires-Python: >=3.10\n\ntext", ">=3.10"),
        ("name: a\nrequires-python: >=3.10, <4\n", ">=3.10, <4"),
        ("Name: a\n\nRequires-Python: >=3.10\n", ""),
        ("", ""),
    ],
    ids=["there", "in lower case", "in the description", "none"],
)
def test_the_python_that_it_requires(metadata: str, value: str) -> None:
    assert requires_python(metadata) == value
