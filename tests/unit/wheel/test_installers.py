"""Installers and checkers read our wheels: pip, uv, check-wheel-contents, wheel unpack."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.contracts import text
from tests.support.project import Project
from tools.plan.model import Member

CONTENT = b"".join(b"%d " % (number * number) for number in range(40_000))
BIN = Path(sys.executable).parent


@pytest.fixture
def wheel(project: Project) -> Path:
    """Return a wheel with members of every kind: cut, stored, empty, executable, odd names, generated."""
    return project.build(
        project.source("large", CONTENT, path="demo/large"),
        project.source("noise", random.Random(0).randbytes(60_000), path="demo/noise"),
        project.source("empty", b"", path="demo/empty"),
        project.source("tool", b"#!/bin/sh\necho tool\n", path="demo/tool", mode=0o755),
        text('demo/odd,"name"', "odd"),
        text("demo/ü", "ü"),
        text("demo/__init__.py", ""),
        Member(path="demo/stub", kind="stub", mode=0o755, argument="tool"),
    )


def run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_an_installed_wheel_has_the_members_and_their_modes(wheel: Path, tmp_path: Path, installer: str) -> None:
    target = tmp_path / "target"
    command = [BIN / "uv", "pip"] if installer == "uv" else [sys.executable, "-m", "pip"]
    quiet = ["--quiet", "--no-deps", "--no-index", "--target", target]

    run(*command, "install", *quiet, *(["--cache-dir", tmp_path / "cache"] if installer == "uv" else []), wheel)

    assert (target / "demo/large").read_bytes() == CONTENT
    assert (target / "demo/noise").read_bytes() == random.Random(0).randbytes(60_000)
    assert (target / "demo/empty").read_bytes() == b""
    assert (target / 'demo/odd,"name"').read_text() == "odd"
    assert (target / "demo/ü").read_text() == "ü"
    assert run(target / "demo/tool") == run(target / "demo/stub") == "tool\n"
    assert not (target / "demo/large").stat().st_mode & 0o111


@pytest.mark.usefixtures("small_limits")
def test_checkers_find_nothing_wrong(wheel: Path, tmp_path: Path) -> None:
    run(BIN / "check-wheel-contents", wheel)
    run(sys.executable, "-m", "wheel", "unpack", "--dest", tmp_path, wheel)
    assert (tmp_path / "demo-1.0/demo/large").read_bytes() == CONTENT
