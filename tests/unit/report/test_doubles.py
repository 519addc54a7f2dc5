"""Contents that are there more than once."""

from __future__ import annotations

from tests.support.report_wheels import make_wheel
from tools.report.doubles import Double, find_doubles
from tools.report.model import File


def test_a_content_is_told_with_where_it_is_and_what_is_to_spare():
    one, two = (
        make_wheel("one", File("a.so", 100, 40, "same"), File("empty", 0, 2, "none"), ("alone", 7)),
        make_wheel("two", File("b.so", 100, 41, "same"), File("c.so", 100, 39, "same"), File("e", 0, 2, "none")),
    )

    assert find_doubles([one, two]) == [
        Double(size=100, spare=79, places=(("one", "a.so"), ("two", "b.so"), ("two", "c.so")))
    ]
    assert find_doubles([one, two])[0].wheels == ("one", "two")
