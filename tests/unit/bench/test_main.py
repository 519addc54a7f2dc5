"""The benchmark as a program."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.support.places import ROOT
from tools.sample.embedded import make_sample


def bench(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.bench", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_nothing_to_measure_is_said():
    done = bench()

    assert done.returncode == 2
    assert done.stderr == "what shall be measured? Give an ARTIFACT_DIR, --growth, or both\n"


def test_an_unknown_scenario_is_said():
    done = bench(".", "--only", "cold,hot")

    assert done.returncode == 2
    assert done.stderr.endswith(
        "argument --only: unknown scenario 'hot'; there are list, family, cold, floor, setuptools, zip, no-op, touch, "
        "library, header, version, init, untar, store, stored, shards, cluster, cluster-store\n"
    )


def test_a_work_dir_that_is_not_there_is_made(tmp_path):
    make_sample(tmp_path / "artifacts")

    done = bench(tmp_path / "artifacts", "--only", "list", "--repeat", 1, "--work-dir", tmp_path / "a" / "b")

    assert done.returncode == 0
    assert list((tmp_path / "a" / "b").iterdir()) == []


@pytest.mark.slow
def test_the_sample_is_measured_and_left_alone(tmp_path):
    artifacts, report = tmp_path / "artifacts", tmp_path / "report.json"
    make_sample(artifacts)
    before = {path: path.lstat().st_mtime_ns for path in artifacts.rglob("*")}

    done = bench(artifacts, "--repeat", 1, "--json", report, "--work-dir", tmp_path, "--setting", "version=1.0")

    assert done.returncode == 0, done.stderr
    figures = json.loads(report.read_text())["scenarios"]
    assert {path: path.lstat().st_mtime_ns for path in artifacts.rglob("*")} == before
    assert [figures[name]["payload"] for name in ("no-op", "touch", "version")] == [0, 0, 0]
    assert figures["library"]["payload"] == figures["library"]["subject_size"] > 0
    assert figures["header"]["payload"] == figures["header"]["subject_size"] > 0
    assert figures["version"]["reused"] > figures["version"]["compressed"]
    assert 0.9 < figures["setuptools"]["size"] / figures["cold"]["size"] < 1.2
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("bench-")] == []
