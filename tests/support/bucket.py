"""A bucket of a server of its own, for whole runs."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ANYONE = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::runs*"}


@contextmanager
def bucket_of(directory: Path, home: Path) -> Iterator[Mapping[str, str]]:
    """Put what a directory holds below s3://runs/77-linux, which anyone may read; yield the environment to use."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [Path(sys.executable).with_name("moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        _fill(directory, f"http://127.0.0.1:{port}")
        yield {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "HOME": str(home),
        }
    finally:
        server.terminate()
        server.wait()


def _wait(port: int) -> None:
    deadline = time.monotonic() + 120
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        assert time.monotonic() < deadline, "moto_server does not answer"
        time.sleep(0.1)


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
