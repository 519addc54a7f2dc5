"""Words of the command line that doit has not thought of."""

from __future__ import annotations

import pytest

from rules.doit_support.loader import empty_word


@pytest.mark.parametrize(
    ("words", "place"),
    [([""], "at its beginning"), (["verify", "--json", ""], "after '--json'"), (["", "index", ""], "at its beginning")],
)
def test_an_empty_word_is_a_sentence_with_its_place(words, place):
    assert empty_word(words) == f"the command line has an empty word {place}; is a variable of the shell empty?"


@pytest.mark.parametrize("words", [[], ["index"], ["verify", "version="]])
def test_other_words_are_fine(words):
    assert empty_word(words) == ""
