"""Tests of tools.wheel.record."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from tests.support.contracts import written
from tools.wheel.record import record_text

DIGEST = "00" * 31 + "ff"


def test_rows_are_in_order_of_paths_with_record_among_them() -> None:
    text = record_text([written("z", 7, sha256=DIGEST), written("a", 7, sha256=DIGEST)], "d/RECORD")

    digest = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP8"
    assert text == f"a,sha256={digest},7\nd/RECORD,,\nz,sha256={digest},7\n"


@given(st.sets(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1), max_size=6))
def test_any_path_is_read_back_by_csv(paths: set[str]) -> None:
    text = record_text([written(path, sha256=DIGEST) for path in paths], "RECORD")

    rows = list(csv.reader(io.StringIO(text, newline="")))

    assert [row[0] for row in rows] == sorted({*paths, "RECORD"})
    assert all(len(row) == 3 for row in rows)
