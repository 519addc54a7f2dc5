"""What cannot be packaged is told once a reason, with a few names and the count of the rest."""

from __future__ import annotations

import pytest

from tools.errors import UserError
from tools.plan.problem import Problem, refuse, sentences, write_problems

KERNEL = "lib/rocblas/library/TensileLibrary_Type_HH_Contraction_l_Ailk_Bjlk_Cijk_Dijk_fallback_gfx90a_{:03}.hsaco"


def test_equal_reasons_are_one_sentence():
    problems = [Problem("nobody claims it", "b"), Problem("is empty", "c"), Problem("nobody claims it", "a")]

    assert [sentence.text for sentence in sentences(problems)] == ["a, b: nobody claims it", "c: is empty"]


def test_a_long_list_is_a_few_names_and_a_count():
    [sentence] = sentences(Problem("nobody claims it", KERNEL.format(number)) for number in range(309))

    assert sentence == (f"{KERNEL.format(0)}, {KERNEL.format(1)} and 307 more: nobody claims it", False)


def test_a_refusal_with_all_names_is_the_sentences(tmp_path):
    with pytest.raises(UserError) as caught:
        refuse([Problem("nobody claims it", "a")], "these cannot be packaged", tmp_path / "problems.txt")

    assert str(caught.value) == "these cannot be packaged:\n  a: nobody claims it"


def test_a_refusal_that_is_cut_says_where_all_of_it_stands(tmp_path):
    problems = [Problem("nobody claims it", f"{number:02}") for number in range(12)]

    with pytest.raises(UserError) as caught:
        refuse(problems, "these cannot be packaged", tmp_path / "problems.txt")

    assert str(caught.value) == (
        "these cannot be packaged:\n"
        "  00, 01, 02, 03, 04, 05, 06, 07, 08, 09 and 2 more: nobody claims it\n"
        f"  all of them are listed in {tmp_path}/problems.txt"
    )


def test_many_reasons_are_cut_too(tmp_path):
    with pytest.raises(UserError) as caught:
        refuse([Problem(f"reason {number:02}", "a") for number in range(12)], "no", tmp_path / "problems.txt")

    assert str(caught.value).splitlines()[-3:] == [
        "  a: reason 09",
        "  and 2 more",
        f"  all of them are listed in {tmp_path}/problems.txt",
    ]


def test_nothing_is_refused_where_there_is_no_problem(tmp_path):
    refuse([], "no", tmp_path / "problems.txt")

    assert list(tmp_path.iterdir()) == []


def test_the_file_has_a_line_a_problem_and_goes_with_the_last_one(tmp_path):
    file = tmp_path / "problems.txt"

    write_problems(file, [Problem("is empty", "b"), Problem("is empty", "a"), Problem("is empty", "a")])
    written = file.read_text()
    write_problems(file, [])

    assert (written, file.exists()) == ("a: is empty\nb: is empty\n", False)
