"""SHA256SUMS and the pages, against the files themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.support.read_wheels import told
from tests.support.wheel_sets import make_set
from tools.dist.gather import DistRequest, gather
from tools.dist.index import IndexRequest, write_index
from tools.receipt import Receipt
from tools.values import read_json
from tools.verify.index import Listed, check_index, check_sums


@pytest.fixture
def receipts(tmp_path: Path) -> tuple[Path, ...]:
    return tuple(make_set(tmp_path / "build"))


@pytest.fixture
def dist(tmp_path: Path, receipts: tuple[Path, ...]) -> Path:
    gather(DistRequest(receipts=receipts, dist_dir=tmp_path / "dist"))
    write_index(IndexRequest(receipts=receipts, dist_dir=tmp_path / "dist"))
    return tmp_path / "dist"


@pytest.fixture
def files(receipts: tuple[Path, ...]) -> list[Listed]:
    rows = [read_json(path, Receipt) for path in receipts]
    return [
        Listed(
            filename=row.filename,
            project=canonicalize_name(row.distribution),
            version=row.version,
            size=row.size,
            sha256=row.sha256,
            requires_python=row.requires_python,
            metadata=row.metadata.encode() if row.filename.endswith(".whl") else None,
        )
        for row in rows
    ]


def digests(files: list[Listed]) -> dict[str, str]:
    return {one.filename: one.sha256 for one in files}


def test_what_our_index_step_writes_is_fine(dist, files):
    assert told([*check_index(dist, files), *check_sums(dist, digests(files))]) == []


def test_sums_that_are_missing(dist, files):
    (dist / "SHA256SUMS").unlink()

    assert told(check_sums(dist, digests(files))) == ["error: sums: is missing; run doit dist"]


def test_a_file_that_the_sums_do_not_know(dist, files):
    assert told(check_sums(dist, digests(files) | {"more.whl": "0"})) == [
        "error: sums: is not in SHA256SUMS: no build of ours put it there"
    ]


def test_a_file_that_is_not_there_any_more(dist, files):
    name, *_ = digests(files)
    left = {other: digest for other, digest in digests(files).items() if other != name}

    assert told(check_sums(dist, left)) == [f"error: sums: names what the dist does not have: {name}"]


def test_another_digest(dist, files):
    name, *_ = digests(files)

    assert told(check_sums(dist, digests(files) | {name: "0" * 64})) == [
        "error: sums: has another sha256 than SHA256SUMS says"
    ]


def test_lines_that_are_no_sums(dist, files):
    with (dist / "SHA256SUMS").open("a") as file:
        file.write("nonsense\n")

    assert told(check_sums(dist, digests(files))) == [
        "error: sums: has lines that are no digest and name, or names twice"
    ]


def test_a_page_that_is_missing(dist, files):
    (dist / "simple/rocm/index.html").unlink()

    assert [finding.file for finding in check_index(dist, files)] == ["simple/rocm/index.html"]


def test_a_side_file_that_is_missing(dist, files):
    wheel = next(one.filename for one in files if one.metadata is not None)
    (dist / f"{wheel}.metadata").unlink()

    assert f"{wheel}.metadata" in str([*check_index(dist, files)])
