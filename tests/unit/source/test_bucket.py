from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator

import pytest

from tests.support.listings import read_listing
from tests.support.s3_server import s3_server
from tests.support.servers import SLOW_DOWN, Cutting
from tools.artifact.unpack import unpack
from tools.artifact.zstd import zstd
from tools.errors import InputChanged, UserError
from tools.source.listing import fetch, remote_archive
from tools.source.patience import Patience
from tools.source.place import open_place

QUICK = Patience(attempts=6, first=0.01, longest=0.05, timeout=10.0)
TAR = os.urandom(9_500_000)
ARCHIVE = zstd.compress(TAR)  # three parts
DIGEST = hashlib.sha256(ARCHIVE).hexdigest()
BLAS = "blas_lib_gfx942.tar.zst"
URL = "s3://runs/77-linux"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with s3_server() as port:
        yield port


@pytest.fixture
def files(port, tmp_path, monkeypatch):
    """Fill a bucket that anyone may read, and return a way to put more there."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    import s3fs

    store = s3fs.S3FileSystem(key="test", secret="test", skip_instance_cache=True)
    if not store.exists("runs"):
        store.mkdir("runs")
        statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::runs*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        store.call_s3("put_bucket_policy", Bucket="runs", Policy=policy)

    def put(name: str, content: bytes) -> None:
        store.pipe_file(f"runs/77-linux/{name}", content)

    put(BLAS, ARCHIVE)
    put(f"{BLAS}.sha256sum", f"{DIGEST}  {BLAS}\n".encode())
    put("logs/x.tar", b"")
    return put


@pytest.mark.parametrize("keys", [KEYS, {}], ids=["credentials", "anonymous"])
def test_archives_of_a_bucket_are_listed_and_fetched(files, tmp_path, monkeypatch, keys):
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    place = open_place(URL, patience=QUICK)
    told: list[int] = []

    listing = read_listing(place, lambda artifact: True, patience=QUICK)
    archive = listing.archives[0]
    tar, stamp = unpack(
        remote_archive(place.url, lambda: place, archive, patience=QUICK, told=told.append),
        tmp_path / "out",
        strict=True,
    )

    assert [(row.artifact, row.file.size, row.sha256) for row in listing.archives] == [
        ("blas_lib_gfx942", len(ARCHIVE), DIGEST)
    ]
    assert tar.read_bytes() == TAR
    assert stamp.verified
    assert sum(told) == len(ARCHIVE)


def test_what_breaks_or_is_too_busy_is_tried_again(files, port, tmp_path, monkeypatch):
    listing = read_listing(open_place(URL, patience=QUICK), lambda artifact: True, patience=QUICK)
    cutting = Cutting(port, cuts=[100_000, SLOW_DOWN, 3_000_000, None, SLOW_DOWN, 5, 2_000])
    monkeypatch.setenv("AWS_ENDPOINT_URL", cutting.url)
    waits: list[str] = []

    content = b"".join(
        fetch(open_place(URL, patience=QUICK), listing.archives[0].file, patience=QUICK, waits=waits.append)
    )
    cutting.close()

    assert content == ARCHIVE
    assert cutting.cut >= 5
    assert waits


def test_a_change_while_it_is_fetched_is_noticed(files):
    place = open_place(URL, patience=QUICK)
    file = read_listing(place, lambda artifact: True, patience=QUICK).archives[0].file
    blocks = fetch(place, file, patience=QUICK)
    next(blocks)
    files(BLAS, bytes(len(ARCHIVE)))

    with pytest.raises(InputChanged) as error:
        list(blocks)

    assert str(error.value) == f"{URL}/{BLAS}: changed since it was listed; run again"


def test_a_run_that_is_not_there_is_said(files):
    with pytest.raises(UserError) as error:
        read_listing(open_place("s3://runs/99-linux", patience=QUICK), lambda artifact: True, patience=QUICK)

    assert str(error.value) == "s3://runs/99-linux/: cannot be fetched: it is not there; look at the address"


def test_a_bucket_that_is_not_there_is_said(files):
    with pytest.raises(UserError, match=r"^s3://no-such/99-linux/: cannot be fetched: "):
        read_listing(open_place("s3://no-such/99-linux", patience=QUICK), lambda artifact: True, patience=QUICK)


def test_an_endpoint_that_does_not_answer_is_said(files, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    with pytest.raises(UserError) as error:
        read_listing(open_place(URL, patience=QUICK), lambda artifact: True, patience=QUICK)

    assert str(error.value).startswith(f"{URL}/: cannot be fetched: ")
    assert "(6 attempts in 0 s without a byte); run again to go on" in str(error.value)
