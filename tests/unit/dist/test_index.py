from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.listed_files import MI300
from tests.support.stamps import times
from tests.support.wheel_sets import WheelText, make_dist, make_sdist, make_set, make_wheel
from tools.dist.index import IndexRequest, write_index
from tools.errors import UserError
from tools.receipt import Receipt
from tools.values import read_json


def index(tmp_path: Path, *receipts: Path, **options) -> Path:
    return make_dist(tmp_path / "dist", receipts, gpus=(MI300,), **options)


def content(dist: Path) -> dict[str, bytes]:
    return {str(path.relative_to(dist)): path.read_bytes() for path in dist.rglob("*") if path.is_file()}


def test_every_wheel_has_its_metadata_beside_it(tmp_path):
    receipt = make_wheel(tmp_path / "build", WheelText(distribution="rocm-sdk-core", package="core"))

    dist = index(tmp_path, receipt, make_sdist(tmp_path / "build"))

    assert sorted(path.name for path in dist.glob("*.metadata")) == ["rocm_sdk_core-10.1.0-py3-none-any.whl.metadata"]
    assert next(dist.glob("*.metadata")).read_text() == read_json(receipt, Receipt).metadata


def test_unchanged_input_leaves_bytes_and_times_alone(tmp_path):
    receipts = make_set(tmp_path / "build")
    dist = index(tmp_path, *receipts)
    before = times(dist)

    index(tmp_path, *reversed(receipts))

    assert times(dist) == before


def test_another_directory_gives_the_same_bytes(tmp_path):
    first = index(tmp_path / "a", *make_set(tmp_path / "a" / "build"))
    second = index(tmp_path / "b", *make_set(tmp_path / "b" / "other"))

    assert content(first) == content(second)


def test_a_project_that_is_gone_leaves_simple(tmp_path):
    dist = index(tmp_path, *make_set(tmp_path / "build"))
    (dist / "simple" / "mine").mkdir()
    (dist / "simple" / "mine" / "notes.txt").write_text("kept")

    write_index(IndexRequest(receipts=(make_sdist(tmp_path / "build"),), dist_dir=dist))

    assert sorted(path.name for path in (dist / "simple").iterdir()) == ["index.html", "index.json", "mine", "rocm"]


def test_targets_leave_with_the_last_device_wheel(tmp_path):
    device = make_wheel(
        tmp_path / "build", WheelText(distribution="rocm-sdk-device-gfx942", package="device", family="gfx942")
    )
    sdist = make_sdist(tmp_path / "build")
    assert (index(tmp_path, device, sdist) / "targets.json").exists()

    write_index(IndexRequest(receipts=(sdist,), dist_dir=tmp_path / "dist"))

    assert not (tmp_path / "dist" / "targets.json").exists()


def test_a_file_that_was_not_gathered_is_refused(tmp_path):
    receipt = make_sdist(tmp_path / "build")

    with pytest.raises(UserError) as caught:
        write_index(IndexRequest(receipts=(receipt,), dist_dir=tmp_path / "dist"))

    assert str(caught.value) == (
        f"{tmp_path / 'dist'}: missing or not what was built: rocm-10.1.0.tar.gz; run doit dist"
    )
    assert not (tmp_path / "dist").exists()


@pytest.mark.parametrize("time", ["2026-09-01", "2026-09-01T04:05:06+02:00", "yesterday"])
def test_an_upload_time_of_another_form_is_refused(tmp_path, time):
    with pytest.raises(UserError) as caught:
        IndexRequest(receipts=(), dist_dir=tmp_path, upload_time=time)

    assert str(caught.value) == f"upload_time: {time!r} is not a time like 2026-09-01T04:05:06Z"
