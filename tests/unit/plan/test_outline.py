"""What a plan amounts to, and how much two plans share."""

from __future__ import annotations

import hashlib

import pytest

from tests.support.contracts import plan_of, text
from tools.plan.model import Member, WheelPlan
from tools.plan.outline import MEMBER, Outline, outline_of, read_outline
from tools.values import write_json


def plan(*contents: tuple[str, int]) -> WheelPlan:
    """Return the plan of a wheel with these contents: a name and a number of bytes."""
    members = [
        Member(
            path=f"{number}",
            kind="copy",
            mode=0o644,
            source=f"{number}",
            size=size,
            sha256=hashlib.sha256(name.encode()).hexdigest(),
        )
        for number, (name, size) in enumerate(contents)
    ]
    return plan_of(*members, text("METADATA", "x"))


def many(prefix: str, count: int, size: int = 1000) -> list[tuple[str, int]]:
    return [(f"{prefix}{number}", size) for number in range(count)]


def test_members_and_bytes_are_counted():
    outline = outline_of(plan(("a", 10), ("b", 5)))

    assert (outline.members, outline.bytes) == (3, 15)


@pytest.mark.parametrize(
    ("own", "common", "share"), [(0, 5000, 1.0), (5000, 0, 0.0), (4500, 500, 0.1), (500, 4500, 0.9)]
)
def test_the_shared_part_is_estimated(own, common, share):
    one = outline_of(plan(*many("common", common), *many("one", own)))
    other = outline_of(plan(*many("common", common), *many("other", 3000)))

    assert one.shared_with(other) == pytest.approx(share, abs=0.08)


def test_what_is_large_counts_for_more():
    one = outline_of(plan(("large", 100 * MEMBER), *many("one", 10)))
    other = outline_of(plan(("large", 100 * MEMBER), *many("other", 10_000)))

    assert one.shared_with(other) >= 0.09
    assert one.shared_with(outline_of(plan(*many("other", 10_000)))) == 0


def test_few_contents_are_compared_exactly():
    one, other = outline_of(plan(*many("x", 4))), outline_of(plan(*many("x", 2), *many("y", 9)))

    assert one.shared_with(other) == 0.5


def test_a_wheel_of_texts_shares_nothing():
    assert outline_of(plan()).shared_with(outline_of(plan())) == 0


def test_it_does_not_depend_on_the_order_of_members():
    assert outline_of(plan(*many("x", 900))).sample == outline_of(plan(*reversed(many("x", 900)))).sample


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"members":1,"bytes":"x","sample":[]}'])
def test_a_damaged_file_tells_nothing(tmp_path, content):
    (tmp_path / "p.outline").write_bytes(content)

    assert read_outline(tmp_path / "p.outline") is None
    assert read_outline(tmp_path / "none") is None


def test_what_is_written_is_read(tmp_path):
    outline = outline_of(plan(*many("x", 300)))

    write_json(tmp_path / "p.outline", outline)

    assert isinstance(outline, Outline)
    assert read_outline(tmp_path / "p.outline") == outline
