from __future__ import annotations

import csv
import hashlib
import io
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.contracts import written
from tools.verify.record import Row, read_record
from tools.wheel.record import record_text

DIGEST = hashlib.sha256(b"x").digest()
ENCODED = urlsafe_b64encode(DIGEST).rstrip(b"=").decode()


def test_reads_rows():
    text = f'a.py,sha256={ENCODED},1\n"b, c.py",sha256={ENCODED},2\nx.dist-info/RECORD,,\n'

    assert list(read_record(text.encode())) == [
        ("a.py", Row(DIGEST.hex(), 1)),
        ("b, c.py", Row(DIGEST.hex(), 2)),
        ("x.dist-info/RECORD", Row("", None)),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"a,,\n\xff,,\n", "byte 4 is not UTF-8"),
        (b"a,,\nb,\n", "line 2 has 2 fields instead of 3"),
        (b"a,,\n\n", "line 2 has 0 fields instead of 3"),
        (b'"a,,\n', "line 1: unexpected end of data"),
        (b'"a"b,,\n', "line 1: ',' expected after '\"'"),
        (b"a,sha1=x,1\n", "line 1: 'sha1=x' is no sha256 in the form of PEP 427"),
        (f"a,sha256={ENCODED}=,1\n".encode(), f"line 1: 'sha256={ENCODED}=' is no sha256 in the form of PEP 427"),
        (f"a,sha256={ENCODED},-1\n".encode(), "line 1: '-1' is no size"),
        (f"a,sha256={ENCODED},\u0661\n".encode(), "line 1: '\u0661' is no size"),
    ],
)
def test_refuses_what_is_no_record(text, problem):
    with pytest.raises(ValueError, match=r"byte|line") as caught:
        list(read_record(text))

    assert str(caught.value) == problem


def outcome(content: bytes) -> int | str:
    """Return the number of rows, or what keeps them from being read."""
    try:
        return len(list(read_record(content)))
    except ValueError as problem:
        return str(problem)


@given(st.binary(max_size=200))
def test_anything_is_read_or_refused(content):
    told = outcome(content)

    assert isinstance(told, int) or told.startswith(("line ", "byte "))


names = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1, max_size=60)


@given(st.lists(st.tuples(names, st.binary(max_size=8)), max_size=8, unique_by=lambda row: row[0]))
def test_what_our_writer_writes_is_read_back(rows):
    """Quotes, commas, newlines, any script: RECORD's writer and its reader agree, and the csv module with them."""
    members = [written(path, len(content), sha256=hashlib.sha256(content).hexdigest()) for path, content in rows]

    text = record_text(members, "x-1.dist-info/RECORD")

    wanted = {path: Row(hashlib.sha256(content).hexdigest(), len(content)) for path, content in rows}
    assert dict(read_record(text.encode())) == wanted | {"x-1.dist-info/RECORD": Row("", None)}
    assert [row[0] for row in csv.reader(io.StringIO(text, newline=""))] == sorted([*wanted, "x-1.dist-info/RECORD"])
