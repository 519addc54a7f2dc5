"""The pictures of README, made from a real build."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.support.chromium import PROGRAM
from tools.errors import UserError
from tools.pictures import browser
from tools.pictures.browser import photograph
from tools.pictures.sample import Command, build_sample

LARGEST = 80_000  # bytes


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[list[Command], Path]:
    return build_sample(tmp_path_factory.mktemp("pictures"), [("index",), ("index",)])


def test_the_commands_are_shown_as_typed_with_all_that_they_print(built):
    commands, dist = built

    assert [command.typed for command in commands] == ["doit index", "doit index"]
    assert [command.printed.splitlines()[-1].partition(";")[0] for command in commands] == [
        "wheels: 9 built, 0 up to date, 0 failed",
        "wheels: 0 built, 9 up to date, 0 failed",
    ]
    assert not any(str(dist.parent) in command.printed for command in commands)


@pytest.mark.skipif(PROGRAM is None, reason="needs Chromium (Debian's package chromium)")
def test_the_page_becomes_a_small_picture_of_the_size_that_was_asked_for(built, tmp_path):
    picture = tmp_path / "index.png"

    photograph(built[1], picture, fragment="gfx942", width=1000, height=900)

    with Image.open(picture) as opened:
        assert opened.size == (1000, 900)
        assert len(opened.convert("RGB").getcolors()) > 16  # an empty page has one
    assert picture.stat().st_size < LARGEST


def test_without_chromium_nothing_is_begun(monkeypatch):
    monkeypatch.setattr(browser, "PROGRAMS", ("no-such-browser",))

    with pytest.raises(UserError) as caught:
        browser.check_browser()

    assert str(caught.value) == (
        "the picture of a page needs Chromium, which is not installed; on Debian: apt install chromium"
    )
