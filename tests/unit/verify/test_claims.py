"""A published index against a rebuild: each difference is named by what it means."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.read_wheels import told
from tools.errors import UserError
from tools.verify.claims import check_claims

NAME = "rocm-1.0.whl"
CONTENT = b"wheel"


def statement(content: bytes = CONTENT, plan: str = "p", builder: str = "ours", **artifacts: str) -> bytes:
    """Return a statement that content was made by a plan from artifacts: name -> digest."""
    subject = {"name": NAME, "digest": {"sha256": hashlib.sha256(content).hexdigest()}}
    definition = {
        "buildType": builder,
        "internalParameters": {"plan": {"sha256": plan}},
        "resolvedDependencies": [{"name": name, "digest": {"sha256": one}} for name, one in artifacts.items()],
    }
    return json.dumps({"subject": [subject], "predicate": {"buildDefinition": definition}}).encode()


def problems(dist: Path, published: Mapping[str, bytes], mine: bytes | None = None) -> list[str]:
    """Return what is said of an index that holds these files, when a rebuild has one wheel."""
    (dist / f"{NAME}.provenance.json").write_bytes(mine or statement(blas="1"))
    return told(check_claims(dist, published.get))


def index(content: bytes = CONTENT, told_of: bytes | None = None) -> dict[str, bytes]:
    return {NAME: content, f"{NAME}.provenance.json": told_of or statement(blas="1")}


def test_equal_files_and_statements_are_fine(tmp_path):
    assert problems(tmp_path, index()) == []


def test_a_file_in_a_folder_is_looked_for_there(tmp_path):
    (tmp_path / "whl").mkdir()
    (tmp_path / "whl" / f"{NAME}.provenance.json").write_bytes(statement(blas="1"))
    there = {f"whl/{name}": content for name, content in index(b"other").items()}

    assert told(check_claims(tmp_path, there.get)) == ["error: claims: is not the file that its statement speaks of"]


@pytest.mark.parametrize(
    ("published", "problem"),
    [
        pytest.param({NAME: CONTENT}, "has no statement of provenance there", id="no statement"),
        pytest.param({f"{NAME}.provenance.json": statement(blas="1")}, "is not there", id="no file"),
        pytest.param(index(told_of=b"{}"), "has a statement that cannot be read", id="no statement of ours"),
        pytest.param(index(told_of=b"\xff"), "has a statement that cannot be read", id="no JSON"),
        pytest.param(
            index(told_of=statement(blas="1").replace(b'"blas"', b"5")),
            "has a statement that cannot be read",
            id="an artifact whose name is a number",
        ),
        pytest.param(index(told_of=b"[" * 100_000), "has a statement that cannot be read", id="nested deeply"),
        pytest.param(
            index(b"new", statement(b"new", blas="1")),
            "was made from the same inputs and is another file",
            id="another file with a statement that fits",
        ),
        pytest.param(
            index(told_of=statement(plan="q", blas="1")), "is of another build than this one", id="another plan"
        ),
        pytest.param(
            index(told_of=statement(blas="2", fft="1")),
            "is of another build than this one: blas",
            id="other artifacts",
        ),
        pytest.param(
            index(told_of=statement(builder="theirs", blas="1")),
            "has a statement that was changed",
            id="another word in it",
        ),
    ],
)
def test_a_difference_is_named(tmp_path, published, problem):
    assert problems(tmp_path, published)[0] == f"error: claims: {problem}"


def test_each_artifact_that_differs_is_named(tmp_path):
    assert problems(tmp_path, index(told_of=statement(blas="2", fft="1"))) == [
        "error: claims: is of another build than this one: blas",
        "error: claims: is of another build than this one: fft",
    ]


def test_a_statement_of_ours_that_is_no_file_is_named(tmp_path):
    (tmp_path / f"{NAME}.provenance.json").mkdir()

    assert told(check_claims(tmp_path, index().get)) == ["error: claims: cannot be read: is no regular file"]


def test_a_dist_without_statements_is_refused(tmp_path):
    with pytest.raises(UserError) as caught:
        list(check_claims(tmp_path, index().get))

    assert str(caught.value) == f"{tmp_path}: has no statement of provenance; run doit index"
