"""A dist as a whole: what has no place in it, and that there is one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.broken_dist import put_together, take_apart
from tests.support.places import SPECS
from tests.support.read_wheels import told
from tests.support.wheel_sets import make_dist, make_set
from tests.support.wheels import Member
from tests.support.wheels import Wheel as Written
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


def visited(dist: Path, *consumers: Path) -> list[str]:
    """Return what is told of wheels that are only looked at."""
    report = verify_dist(VerifyRequest(dist_dir=dist, specs_dir=SPECS, consumers=consumers, jobs=1))
    names = {path.name for path in consumers}
    return told([one for one in report.findings if one.file in names])


def visitor(directory: Path) -> Path:
    return Written(distribution="torchlike", version="1.0", files={"torchlike/a": b"text"}).write(directory)


def test_a_sound_visitor_is_no_problem(dist, tmp_path):
    assert visited(dist, visitor(tmp_path)) == []


def test_a_visitor_that_is_no_archive_is_told(dist, tmp_path):
    path = tmp_path / "torchlike-1.0-py3-none-any.whl"
    path.touch()

    assert visited(dist, path) == ["error: archive: is not a zip file, or its end is missing"]


def test_a_visitor_whose_record_is_wrong_is_told(dist, tmp_path):
    path = visitor(tmp_path)
    members = take_apart(path.read_bytes())
    members.record, members.members["torchlike/a"].content = False, b"other"
    path.write_bytes(put_together(members))

    assert visited(dist, path) == [
        "error: record: is not what RECORD says: another sha256: torchlike/a",
        "error: record: is not what RECORD says: another size: torchlike/a",
    ]


def test_a_visitor_with_another_metadata_directory_is_told(dist, tmp_path):
    path = visitor(tmp_path)
    members = take_apart(path.read_bytes())
    members.members["other-1.0.dist-info/METADATA"] = Member(b"")
    path.write_bytes(put_together(members))

    [problem] = visited(dist, path)

    assert problem.startswith("error: names: must have the metadata directory torchlike-1.0.dist-info and no other")


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("gone"), lambda path: path.symlink_to(path)])
def test_a_visitor_that_is_no_file_is_told(dist, tmp_path, make):
    path = tmp_path / "torchlike-1.0-py3-none-any.whl"
    make(path)

    assert visited(dist, path) == ["error: archive: is no regular file"]


def test_a_dist_that_is_not_there(tmp_path):
    with pytest.raises(UserError) as caught:
        verify(tmp_path / "none")

    assert str(caught.value) == f"{tmp_path}/none: cannot be read: No such file or directory; run doit dist"


def test_a_dist_without_a_wheel(tmp_path):
    with pytest.raises(UserError) as caught:
        verify(tmp_path)

    assert str(caught.value) == f"{tmp_path}: has no wheel; run doit dist"
