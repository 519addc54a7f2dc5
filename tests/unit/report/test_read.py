"""The same wheels, read from receipts, a directory and a URL."""

from __future__ import annotations

import pytest

from tests.support.http_servers import running
from tests.support.wheel_sets import make_set
from tests.support.wheels import Wheel
from tools.dist.gather import DistRequest, gather
from tools.dist.index import IndexRequest, write_index
from tools.dist.serve import ServeRequest, make_server
from tools.errors import UserError
from tools.report.read import read_build, read_dist


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    directory = tmp_path_factory.mktemp("read")
    receipts = make_set(directory / "build")
    gather(DistRequest(receipts=receipts, dist_dir=directory / "dist"))
    return receipts, directory / "dist"


def test_a_dist_tells_the_same_files_as_its_receipts(places):
    receipts, dist = places
    built, read = read_build(receipts), read_dist(str(dist))

    assert [(wheel.filename, wheel.size, wheel.version) for wheel in read] == [
        (wheel.filename, wheel.size, wheel.version) for wheel in built
    ]
    assert [file.path for wheel in read for file in wheel.files if file.size] != []


def test_a_url_is_read_as_the_directory_is(places):
    _, dist = places

    assert read_dist(f"file://{dist}") == read_dist(str(dist))


def test_of_two_versions_the_newer_counts(tmp_path):
    for version in ("9.0.0", "10.0.0"):
        gather(DistRequest(receipts=make_set(tmp_path / version, version=version), dist_dir=tmp_path / f"d{version}"))
        for file in (tmp_path / f"d{version}").iterdir():
            file.rename(tmp_path / file.name)

    assert {wheel.version for wheel in read_dist(str(tmp_path))} == {"10.0.0"}


def test_every_platform_of_a_project_is_there_by_a_name_of_its_own(tmp_path):
    for platform in ("linux_x86_64", "win_amd64"):
        Wheel(distribution="a", version="1", tag=f"py3-none-{platform}").write(tmp_path)

    assert [wheel.name for wheel in read_dist(str(tmp_path))] == ["a (linux_x86_64)", "a (win_amd64)"]


def test_a_directory_without_wheels_is_an_error(tmp_path):
    with pytest.raises(UserError) as caught:
        read_dist(str(tmp_path))

    assert str(caught.value) == f"{tmp_path}: has no wheel"


def test_a_file_that_is_no_wheel_is_an_error(tmp_path):
    (tmp_path / "a-1-py3-none-any.whl").write_bytes(b"no zip")

    with pytest.raises(UserError) as caught:
        read_dist(str(tmp_path))

    assert str(caught.value) == f"{tmp_path}: a-1-py3-none-any.whl: its RECORD cannot be read: File is not a zip file"


def test_a_flat_page_over_http_is_a_dist(places):
    receipts, dist = places
    write_index(IndexRequest(receipts=receipts, dist_dir=dist))
    with running(make_server(ServeRequest(dist_dir=dist, port=0))) as url:
        read = read_dist(f"{url}/")

    assert read == read_dist(str(dist))


def test_a_kind_of_store_that_nobody_knows_is_an_error():
    with pytest.raises(UserError) as caught:
        read_dist("foo://x")

    assert str(caught.value) == "foo://x: cannot be read: Protocol not known: foo"
