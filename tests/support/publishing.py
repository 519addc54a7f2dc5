"""Publishers in processes of their own, which can be killed, and what anyone sees of what they publish."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.places import ROOT

PATIENCE = 1.0  # seconds


@dataclass(frozen=True)
class Web:
    """What anyone sees of a published index, over HTTP or in a folder."""

    base: str

    def read(self, name: str) -> bytes | None:
        if not self.base.startswith("http"):
            path = Path(self.base, name)
            return path.read_bytes() if path.is_file() else None
        try:
            with urllib.request.urlopen(f"{self.base}/{urllib.request.quote(name)}") as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise


@dataclass(frozen=True)
class Target:
    """Somewhere to publish to, and how it is seen from outside."""

    url: str
    seen: Web
    environment: dict[str, str]


class Publishers:
    """Publishers that can be killed."""

    def __init__(self, target: Target) -> None:
        environment = os.environ | target.environment | {"PYTHONPATH": str(ROOT)}
        self._target = target
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.publisher"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, receipts: tuple[Path, ...], **options: object) -> None:
        """Start one; it goes to work when no other is at work."""
        request = {
            "receipts": [str(path) for path in receipts],
            "dist_dir": str(receipts[0].parents[2] / "dist"),
            "url": self._target.url,
            "now": "2026-09-01T04:05:06Z",
            "patience": PATIENCE,
            "moment": 0,
            **options,
        }
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def exit_code(self) -> int:
        """Wait for the one that was started and return its exit code."""
        return int(self._process.stdout.readline())

    def publish(self, receipts: tuple[Path, ...], **options: object) -> None:
        """Publish for sure: on a busy machine a publisher may take itself for dead, and is started again."""
        for _ in range(5):
            self.start(receipts, **options)
            if self.exit_code() == 0:
                return
        pytest.fail("could not publish")

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
