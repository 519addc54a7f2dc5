"""The pictures of README and docs: small, whole, and loading nothing."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "docs" / "pictures"
SVGS = sorted(FOLDER.glob("*.svg"))
LARGEST = {".svg": 40_000, ".png": 80_000}  # bytes


def test_pictures_are_small():
    assert {path.name for path in FOLDER.iterdir() if path.stat().st_size >= LARGEST[path.suffix]} == set()


@pytest.mark.parametrize("path", SVGS, ids=lambda path: path.name)
def test_drawings_load_nothing_from_elsewhere(path):
    ET.parse(path)  # an error in it would be an exception

    links = re.findall(r"""(?:url\(|href=)["']?(?!#)([^"')]+)""", path.read_text(encoding="utf-8"))
    assert links == []


def test_the_terminal_shows_a_build_and_a_run_with_nothing_to_do():
    text = "".join(ET.parse(FOLDER / "run.svg").getroot().itertext()).replace("\xa0", " ")

    assert re.findall(r"wheels: \d+ built, \d+ up to date", text) == [
        "wheels: 9 built, 0 up to date",
        "wheels: 0 built, 9 up to date",
    ]
