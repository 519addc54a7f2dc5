"""Publishing for real: to a folder and to an S3 server over HTTP, with publishers that are killed and that meet."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.environments import UNCACHED, both, packages_of
from tests.support.published_index import check
from tests.support.publishing import Publishers, Target, Web
from tests.support.s3_server import s3_server
from tests.support.wheel_sets import make_core_and_sdist, make_set
from tools.dist.gather import DistRequest, gather

FAMILY = "gfx94X-dcgpu"
KILLS = [5, pytest.param(100, marks=pytest.mark.slow)]
KILLS_S3 = [3, pytest.param(40, marks=pytest.mark.slow)]
LONG = 60.0  # seconds; where nobody is killed


@pytest.fixture
def folder(tmp_path) -> Target:
    return Target(f"file://{tmp_path}/out", Web(f"{tmp_path}/out"), {})


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    with s3_server() as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def bucket(moto, request) -> Target:
    """A bucket that anyone may read, as a public index is."""
    name = f"bucket-{abs(hash(request.node.name))}"
    access = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": moto,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    script = (
        "import s3fs, sys; fs = s3fs.S3FileSystem(); fs.mkdir(sys.argv[1]);"
        "fs.call_s3('put_bucket_policy', Bucket=sys.argv[1], Policy=sys.argv[2])"
    )
    subprocess.run([sys.executable, "-c", script, name, policy], env=os.environ | access, check=True)
    return Target(f"s3://{name}/rocm", Web(f"{moto}/{name}/rocm"), access)


@pytest.fixture
def publishers(request) -> Iterator[Publishers]:
    made = Publishers(request.getfixturevalue(request.param))
    yield made
    made.close()


def kill_loop(target: Target, publishers: Publishers, directory: Path, kills: int) -> None:
    """Kill publishers of two nightlies, of which one is replaced again and again and the other pruned."""
    moments = random.Random(kills)
    publishers.publish(make_core_and_sdist(directory / "1", "10.1.0a1"))
    other = make_core_and_sdist(directory / "2", "10.1.0a1", payload=b"other")
    started = time.monotonic()
    publishers.publish(other)
    longest, killed = time.monotonic() - started, 0
    for number in range(kills * 10):
        version = f"10.1.0a{moments.choice([1, 2])}"
        receipts = make_core_and_sdist(directory / f"{number}-{version}", version, payload=os.urandom(200_000))
        publishers.start(receipts, keep=moments.choice([1, 2]), moment=moments.uniform(0.0001, longest))
        code = publishers.exit_code()
        check(target.seen)
        killed += code == -signal.SIGALRM
        if killed == kills:
            break
        if code == 0:  # it was done before: that much time it does not need
            longest *= 0.8
    assert killed == kills
    publishers.publish(make_core_and_sdist(directory / "last", "10.1.0a3", payload=b"last"), keep=1)
    assert sorted(check(target.seen)) == ["rocm-10.1.0a3.tar.gz", "rocm_sdk_core-10.1.0a3-py3-none-any.whl"]


@pytest.mark.parametrize("publishers", ["folder"], indirect=True)
@pytest.mark.parametrize("kills", KILLS)
def test_kills_leave_a_folder_whole(folder, publishers, tmp_path, kills):
    kill_loop(folder, publishers, tmp_path, kills)


@pytest.mark.parametrize("publishers", ["bucket"], indirect=True)
@pytest.mark.parametrize("kills", KILLS_S3)
def test_kills_leave_a_bucket_whole(bucket, publishers, tmp_path, kills):
    kill_loop(bucket, publishers, tmp_path, kills)


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_publishers_at_once_lose_nothing(kind, request, tmp_path):
    target = request.getfixturevalue(kind)
    several = [Publishers(target) for _ in range(3)]
    for number, publishers in enumerate(several):
        publishers.start(make_core_and_sdist(tmp_path / str(number), f"10.1.{number}"), patience=LONG)

    codes = [publishers.exit_code() for publishers in several]

    for publishers in several:
        publishers.close()
    assert codes == [0, 0, 0]
    assert len(check(target.seen)) == 6


@pytest.mark.parametrize("empty_environment", [pytest.param("pip", marks=pytest.mark.slow), "uv"], indirect=True)
@pytest.mark.parametrize("publishers", ["bucket"], indirect=True)
def test_installers_take_everything_from_a_bucket(empty_environment, publishers, bucket, tmp_path):
    receipts = make_set(tmp_path / "build", version="10.1.0+bkc.2")
    gather(DistRequest(receipts=receipts, dist_dir=tmp_path / "build" / "dist"))
    publishers.publish(receipts, patience=LONG)

    wanted, installed = f"{both(FAMILY)}==10.1.0+bkc.2", packages_of(FAMILY)
    page = f"{bucket.seen.base}/index.html"
    empty_environment.pip("install", "--no-index", "--find-links", page, wanted, **UNCACHED)
    flat = empty_environment.installed
    empty_environment.uninstall(*(name.replace("_", "-") for name in installed))
    empty_environment.pip("install", "--index-url", f"{bucket.seen.base}/simple", wanted, **UNCACHED)

    assert flat == installed
    assert empty_environment.installed == installed


@pytest.mark.parametrize("publishers", ["bucket"], indirect=True)
def test_a_bucket_serves_the_right_content_types(publishers, bucket, tmp_path):
    publishers.publish(make_core_and_sdist(tmp_path, "10.1.0"), patience=LONG)

    types = {}
    for name in ("index.html", "simple/rocm/", "simple/rocm/index.html", "simple/rocm/index.json", "SHA256SUMS"):
        with urllib.request.urlopen(f"{bucket.seen.base}/{name}") as answer:
            types[name] = (answer.headers["Content-Type"], answer.headers["Cache-Control"])
    assert types == {
        "index.html": ("text/html; charset=utf-8", "no-cache"),
        "simple/rocm/": ("text/html; charset=utf-8", "no-cache"),
        "simple/rocm/index.html": ("text/html; charset=utf-8", "no-cache"),
        "simple/rocm/index.json": ("application/vnd.pypi.simple.v1+json", "no-cache"),
        "SHA256SUMS": ("text/plain; charset=utf-8", "no-cache"),
    }
