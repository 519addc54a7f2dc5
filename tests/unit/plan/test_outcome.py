"""What stages tell, merged."""

from __future__ import annotations

from tools.plan.model import LeftOut
from tools.plan.outcome import Outcome, merged
from tools.plan.problem import Problem


def test_outcomes_keep_the_order_of_the_stages():
    one, two = Problem("b", "lib/b"), Problem("a", "lib/a")
    first = Outcome(problems=[one], notes=["n1"], unused=["u1"])
    second = Outcome(problems=[two], notes=["n2"], unused=["u2"])

    assert merged([first, second]) == Outcome(problems=(one, two), left_out=(), notes=("n1", "n2"), unused=("u1", "u2"))


def test_problems_of_a_family_that_is_built_all_the_same_are_notes():
    assert Outcome(problems=[Problem("is wrong", "lib/x")], notes=["n"]).report("generic").notes[0] == "n"
    assert "lib/x" in Outcome(problems=[Problem("is wrong", "lib/x")]).report("generic").notes[0]


def test_what_is_left_out_is_sorted_and_told_once():
    one, other = (LeftOut(artifact="a", path=path, reason="r") for path in ("x", "y"))

    assert Outcome(left_out=[other, one, other]).report("generic").left_out == (one, other)
