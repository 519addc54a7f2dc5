"""Times and tables as people read them."""

from __future__ import annotations

import pytest

from rules.reporting.text import runnable, table_text, time_text, with_settings


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (185, "3 min 05 s")],
)
def test_time(seconds, text):
    assert time_text(seconds) == text


def test_table():
    assert table_text(("wheel", "files"), [("a.whl", "1"), ("long-name.whl", "12345")]) == [
        "wheel          files",
        "a.whl              1",
        "long-name.whl  12345",
    ]


def test_what_comes_next_has_the_settings_that_say_which_dist_it_is():
    given = {"version": "1.0", "artifact_dir": "/my artifacts", "venv": "x"}

    assert with_settings("doit verify; pip install --find-links /doit", given) == (
        "doit 'artifact_dir=/my artifacts' version=1.0 verify; pip install --find-links /doit"
    )


def test_what_comes_next_keeps_a_setting_that_it_names():
    assert with_settings("doit verify version=2.0", {"version": "1.0"}) == "doit verify version=2.0"


def test_what_comes_next_calls_doit_as_the_user_did(monkeypatch):
    monkeypatch.setenv("DOITW_INVOKED_AS", "../doitw")

    assert with_settings("doit verify; pip install --find-links /my/doit x", {"version": "1.0"}) == (
        "../doitw version=1.0 verify; pip install --find-links /my/doit x"
    )


def test_a_command_in_a_sentence_has_the_settings_that_say_which_dist_it_is():
    assert runnable("unused: core (2); `doit explain --unused` lists it, as doit says", {"version": "1.0"}) == (
        "unused: core (2); `doit version=1.0 explain --unused` lists it, as doit says"
    )
