"""Whether what was asked for looks at artifacts, and whether it asks a URL anew."""

from __future__ import annotations

import pytest

from rules.doit_support import adapter


@pytest.mark.parametrize(
    ("words", "asks", "needs"),
    [
        ([], True, True),
        (["index"], True, True),
        (["run", "index"], True, True),
        (["build:generic:core", "dist"], True, True),
        (["-n", "4", "index"], True, True),
        (["list", "--all"], False, True),
        (["why", "index"], False, True),
        (["explain", "lib/x"], False, True),
        (["promote"], True, False),
        (["run", "serve"], True, False),
        (["check:lint", "test"], True, False),
        (["promote", "index"], True, True),
    ],
)
def test_words_tell_what_a_run_needs(monkeypatch, words, asks, needs):
    monkeypatch.setattr(adapter, "words", lambda: tuple(words))

    assert (adapter.asks(), adapter.needs_artifacts()) == (asks, needs)
