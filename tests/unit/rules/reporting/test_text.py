"""Sizes, times and tables as people read them."""

from __future__ import annotations

import pytest

from rules.reporting.text import size_text, table_text, time_text, with_settings


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (99_900, "99.9 kB"),
        (99_960, "100 kB"),
        (999_400, "999 kB"),
        (999_600, "1.0 MB"),
        (123_456_789, "123 MB"),
        (1_234_567_890, "1.23 GB"),
        (4e12, "4000.00 GB"),
    ],
)
def test_size(count, text):
    assert size_text(count) == text


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
