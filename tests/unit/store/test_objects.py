from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.s3_server import s3_server
from tools.errors import UserError
from tools.source.fetching import Fetching
from tools.store.bucket import PART, tag_of
from tools.store.objects import open_objects


@pytest.fixture(params=["folder", "memory"])
def store(request, tmp_path):
    return open_objects(str(tmp_path / "out") if request.param == "folder" else f"memory://{uuid.uuid4()}")


def test_what_is_written_is_read(store):
    store.write("simple/rocm/index.html", b"one", "text/html")
    store.write("simple/rocm/index.html", b"two", "text/html")

    assert store.read("simple/rocm/index.html") == b"two"


def test_what_is_not_there_is_none(store):
    assert store.read("nothing/here") is None


def test_a_file_is_created_once(store):
    assert store.create("a/b.json", b"first") is True
    assert store.create("a/b.json", b"second") is False
    assert store.read("a/b.json") == b"first"


def test_of_many_who_create_a_file_one_wins(store):
    results = []
    start = threading.Barrier(8)

    def create(number):
        start.wait()
        results.append((store.create("ticket", b"%d" % number), number))

    threads = [threading.Thread(target=create, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (winner,) = [number for won, number in results if won]
    assert store.read("ticket") == b"%d" % winner


def test_an_upload_reports_its_bytes(store, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(os.urandom(3_000_000))
    sent = []

    store.upload("rocm.whl", source, sent.append)

    assert store.read("rocm.whl") == source.read_bytes()
    assert sum(sent) == 3_000_000


def test_what_is_removed_is_gone_and_removing_again_is_no_error(store):
    store.write("simple/rocm/index.html", b"page")

    store.remove("simple/rocm/index.html")
    store.remove("simple/rocm/index.html")

    assert store.read("simple/rocm/index.html") is None


def test_many_are_removed_at_once(store):
    names = [f"{number}.whl" for number in range(3)]
    for name in names:
        store.write(name, b"wheel")

    store.remove(*names[:2], "nothing/here")

    assert [store.read(name) for name in names] == [None, None, b"wheel"]


def test_a_folder_leaves_with_its_last_file(tmp_path):
    store = open_objects(str(tmp_path / "out"))
    store.write("simple/rocm/index.html", b"page")

    store.remove("simple/rocm/index.html")

    assert list((tmp_path / "out").iterdir()) == [tmp_path / "out" / "simple"]


def test_no_temporary_file_stays_and_others_may_read(tmp_path):
    before = os.umask(0o022)
    try:
        open_objects(f"file://{tmp_path}/out").create("ticket", b"x")
    finally:
        os.umask(before)

    (file,) = (tmp_path / "out").iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == ("ticket", 0o644)


def test_a_file_url_of_this_machine_is_its_path(tmp_path):
    for number, url in enumerate((f"file://{tmp_path}/a%20b", f"file://localhost{tmp_path}/a%20b")):
        open_objects(url).create(f"{number}", b"x")

    assert sorted(path.name for path in (tmp_path / "a b").iterdir()) == ["0", "1"]


def test_a_file_url_of_another_machine_is_refused():
    with pytest.raises(UserError) as caught:
        open_objects("file://host/x")

    assert str(caught.value) == (
        "url: 'file://host/x' cannot be published to: names another machine; file:///PATH names this one"
    )


def test_an_unknown_kind_of_store_is_refused():
    with pytest.raises(UserError) as caught:
        open_objects("gopher://host/x")

    assert str(caught.value) == "url: 'gopher://host/x' cannot be published to: Protocol not known: gopher"


def test_a_store_whose_files_are_not_seen_whole_is_refused():
    with pytest.raises(UserError) as caught:
        open_objects("http://example.org/x")

    assert str(caught.value) == (
        "url: 'http://example.org/x' cannot be published to: not one of abfs, abfss, az, file, gcs, gs, s3, s3a"
    )


def test_a_failure_names_the_file_and_the_cause(tmp_path):
    (tmp_path / "out").write_text("in the way")

    with pytest.raises(UserError) as caught:
        open_objects(str(tmp_path / "out")).create("ticket", b"x")

    assert str(caught.value) == f"{tmp_path}/out: cannot be made a directory: File exists"


def test_a_source_that_cannot_be_read_is_told_by_its_own_name(tmp_path):
    source = Path("/proc/self/mem")  # opens, and read(2) fails with EIO

    with pytest.raises(UserError) as caught:
        open_objects(str(tmp_path / "out")).upload("rocm.whl", source, lambda _: None)

    assert str(caught.value) == "/proc/self/mem: cannot be read: Input/output error"
    assert list((tmp_path / "out").iterdir()) == []


def test_a_source_that_is_gone_is_told_by_its_own_name(tmp_path):
    with pytest.raises(UserError) as caught:
        open_objects(str(tmp_path / "out")).upload("rocm.whl", tmp_path / "gone.whl", lambda _: None)

    assert str(caught.value) == f"{tmp_path}/gone.whl: cannot be read: No such file or directory"


def test_a_large_file_is_created_once(store, tmp_path):
    for number in range(2):
        (tmp_path / f"source{number}").write_bytes(b"%d" % number * 3_000_000)
    sent = []

    made = [store.upload("a/x.whl", tmp_path / f"source{number}", sent.append, create=True) for number in range(2)]

    assert made == [True, False]
    assert store.read("a/x.whl") == b"0" * 3_000_000


def test_what_is_there_is_looked_at_read_and_listed(store):
    store.write("a/b/one.json", b"one")
    store.write("a/two.json", b"two!")
    store.write("other.json", b"")

    found = store.look("a/two.json")

    assert (found.name, found.size) == ("a/two.json", 4)
    assert abs(found.modified - time.time()) < 600
    assert b"".join(store.blocks(found, Fetching())) == b"two!"
    assert store.look("a/three.json") is None
    assert [one.name for one in store.below("a")] == ["a/b/one.json", "a/two.json"]
    assert [one.name for one in store.below("")] == ["a/b/one.json", "a/two.json", "other.json"]
    assert store.below("nothing") == []


def test_a_disk_copies_nothing_on_a_server_s_side(store, tmp_path):
    (tmp_path / "source").write_bytes(b"x")

    assert store.copy("x.whl", "s3://bucket/x.whl", tmp_path / "source") is False


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with s3_server() as port:
        yield port


@pytest.fixture
def bucket(port, monkeypatch):
    """Return the files below s3://bucket/folder of a server."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    s3fs.S3FileSystem().makedirs("bucket", exist_ok=True)
    yield open_objects(f"s3://bucket/{uuid.uuid4()}")
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.mark.parametrize("size", [0, 3_000_000, 2 * PART, 2 * PART + 5], ids=["empty", "small", "in parts", "and more"])
def test_s3_names_a_file_as_we_compute_it_and_copies_it(bucket, tmp_path, size):
    source = tmp_path / "source"
    source.write_bytes(os.urandom(size))
    assert bucket.upload("a/x.whl", source, lambda _: None, create=True) is True
    assert bucket.upload("a/x.whl", source, lambda _: None, create=True) is False

    found = bucket.look("a/x.whl")
    assert (found.size, found.tag) == (size, tag_of(source))
    assert b"".join(bucket.blocks(found, Fetching())) == source.read_bytes()
    assert bucket.copy("b/y.whl", f"{bucket.url}/a/x.whl", source) is True
    assert bucket.read("b/y.whl") == source.read_bytes()


def test_s3_copies_nothing_that_is_not_the_file(bucket, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(b"right")
    bucket.write("a/x.whl", b"wrong")

    assert bucket.copy("b/y.whl", f"{bucket.url}/a/x.whl", source) is False
    assert bucket.copy("b/y.whl", f"{bucket.url}/a/none.whl", source) is False
    assert bucket.read("b/y.whl") is None
    assert [one.name for one in bucket.below("")] == ["a/x.whl"]
    assert bucket.below("none") == []
