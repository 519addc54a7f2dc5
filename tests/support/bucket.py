"""A bucket of a server of its own, for whole runs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.s3_server import s3_server

ANYONE = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::runs*"}


@contextmanager
def bucket_of(directory: Path, home: Path) -> Iterator[Mapping[str, str]]:
    """Put what a directory holds below s3://runs/77-linux, which anyone may read; yield the environment to use."""
    with s3_server() as port:
        endpoint = f"http://127.0.0.1:{port}"
        _fill(directory, endpoint)
        yield {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "HOME": str(home),
        }


def _fill(directory: Path, endpoint: str) -> None:
    import s3fs

    store = s3fs.S3FileSystem(
        key="test",
        secret="test",
        endpoint_url=endpoint,
        client_kwargs={"region_name": "us-east-1"},
        skip_instance_cache=True,
    )
    store.call_s3("create_bucket", Bucket="runs")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [ANYONE]})
    store.call_s3("put_bucket_policy", Bucket="runs", Policy=policy)
    files = sorted(path for path in directory.iterdir() if path.is_file())
    store.put([os.fspath(file) for file in files], [f"runs/77-linux/{file.name}" for file in files])
