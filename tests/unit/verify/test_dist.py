"""A dist as a whole: what has no place in it, and that there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.places import SPECS
from tests.support.wheel_sets import make_dist, make_set
from tools.errors import UserError
from tools.verify.dist import Report, VerifyRequest, verify_dist


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    return make_dist(tmp_path / "dist", make_set(tmp_path / "build"))


def verify(dist: Path) -> Report:
    return verify_dist(VerifyRequest(dist_dir=dist, specs_dir=SPECS, jobs=1))


def about(report: Report, file: str) -> list[tuple[str, str]]:
    return [(one.severity, one.problem) for one in report.findings if one.file == file and one.check == "sums"]


def test_every_wheel_is_looked_at(dist):
    assert {one.filename for one in verify(dist).wheels} == {path.name for path in dist.glob("*.whl")}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("rocm-99.zip", ("error", "is an archive that pip takes for an sdist, and none of ours")),
        ("notes.txt", ("warning", "is none of ours: no build put it there")),
    ],
)
def test_what_has_no_place_in_a_dist(dist, name, told):
    (dist / name).touch()

    assert about(verify(dist), name) == [told]


def test_pages_and_side_files_have_their_place(dist):
    assert [one for one in verify(dist).findings if one.check == "sums"] == []


def test_a_dist_that_is_not_there(tmp_path):
    with pytest.raises(UserError) as caught:
        verify(tmp_path / "none")

    assert str(caught.value) == f"{tmp_path}/none: cannot be read: No such file or directory; run doit dist"


def test_a_dist_without_a_wheel(tmp_path):
    with pytest.raises(UserError) as caught:
        verify(tmp_path)

    assert str(caught.value) == f"{tmp_path}: has no wheel; run doit dist"
