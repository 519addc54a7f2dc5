"""What is said of a publication."""

from __future__ import annotations

from rules.publish import _summary
from tools.dist.publish import Publication

DONE = Publication(uploaded=("a", "b", "d"), copied=("d",), replaced=("b",), removed=("c",), size=2000, listed=7)


def test_what_was_done():
    assert _summary("s3://x", DONE, dry_run=False).splitlines() == [
        "uploaded  a",
        "copied    d, within the store",
        "replaced  b",
        "removed   c",
        "s3://x: 3 uploaded (2.00 kB), 1 removed, 7 listed",
    ]


def test_what_a_dry_run_would_do():
    assert _summary("s3://x", DONE, dry_run=True).splitlines() == [
        "would be uploaded  a",
        "would be copied    d, within the store",
        "would be replaced  b",
        "would be removed   c",
        "s3://x: 3 would be uploaded (2.00 kB), 1 would be removed, 7 would be listed",
    ]
