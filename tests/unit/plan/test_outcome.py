"""What stages tell, merged."""

from __future__ import annotations

import pytest

from tools.errors import SHOWN, UserError
from tools.plan.model import LeftOut
from tools.plan.outcome import Outcome, merged


def test_outcomes_keep_the_order_of_the_stages():
    first = Outcome(problems=["b"], notes=["n1"], unused=["u1"])
    second = Outcome(problems=["a"], doubts=["d"], notes=["n2"], unused=["u2"])

    assert merged([first, second]) == Outcome(
        problems=("b", "a"), doubts=("d",), left_out=(), notes=("n1", "n2"), unused=("u1", "u2")
    )


def test_every_problem_is_told_once_and_in_order():
    with pytest.raises(UserError) as caught:
        Outcome(problems=["b", "a", "b"], doubts=["c"]).check("gfx942", strict=True)

    assert str(caught.value) == "the artifacts of gfx942 cannot be packaged:\n  a\n  b\n  c"


def test_many_problems_are_counted():
    with pytest.raises(UserError) as caught:
        Outcome(problems=[f"{number:03}" for number in range(SHOWN + 2)]).check("generic", strict=False)

    assert str(caught.value).splitlines()[-1] == "  and 2 more"


def test_a_doubt_is_a_note_where_the_build_is_not_strict():
    outcome = Outcome(doubts=["d"], notes=["n"])

    outcome.check("generic", strict=False)
    assert outcome.report("generic").notes == ("n", "d")


def test_what_is_left_out_is_sorted_and_told_once():
    one, other = (LeftOut(artifact="a", path=path, reason="r") for path in ("x", "y"))

    assert Outcome(left_out=[other, one, other]).report("generic").left_out == (one, other)
