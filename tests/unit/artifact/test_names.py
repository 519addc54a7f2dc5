from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.artifact.names import unfit


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("lib/a\nb", id="newline"),
        pytest.param("lib/\x7f", id="delete"),
        pytest.param("lib/a\x85b", id="next line"),
        pytest.param("lib/a\u2028b", id="line separator"),
        pytest.param("lib\\a", id="backslash"),
        pytest.param("lib/\udcff", id="not UTF-8"),
        pytest.param("lib/" + "é" * 128 + "/x", id="256 bytes in one part"),
    ],
)
def test_a_name_that_would_break_a_wheel_is_unfit(name: str) -> None:
    assert unfit([name, "lib/good"]) == [name]


@pytest.mark.parametrize(
    "name",
    [
        "lib/libx.so.1",
        ".kpack/blas_lib_gfx950:xnack+.kpack",
        'share/a "quoted", <b>%2B</b> & é\u4e2d',
        "lib/" + "a" * 255,
        "a/" * 200 + "x",
    ],
)
def test_an_odd_but_sound_name_is_fit(name: str) -> None:
    assert unfit([name]) == []


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20))
def test_a_fit_name_is_one_line_of_utf_8_in_a_csv_file(name: str) -> None:
    if not unfit([name]):
        file = io.StringIO()
        csv.writer(file, lineterminator="\n").writerow([name, "", ""])
        lines = file.getvalue().encode().decode().splitlines()
        assert list(csv.reader(lines)) == [[name, "", ""]]
