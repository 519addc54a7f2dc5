"""The workflow of shards is one that GitHub takes, and what it runs exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from rules.loading.settings import PREFIX, SETTINGS
from tests.support.places import ROOT

WORKFLOW = ROOT / "docs" / "ci" / "shards.yml"
TEXT = WORKFLOW.read_text(encoding="utf-8")
COMMANDS = re.findall(r"run: \./doitw (.*)", TEXT)


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return the names of all tasks where there is a family gfx94X-dcgpu."""
    place = f"build_dir={tmp_path_factory.mktemp('build')}"
    command = [sys.executable, "-m", "doit", "list", "--all", "--quiet", place]
    return set(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())


def test_the_workflow_is_one():
    checker = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run(
        [checker, "--builtin-schema", "vendor.github-workflows", WORKFLOW], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout


def test_its_settings_exist():
    given = set(re.findall(rf"{PREFIX}([A-Z_]+):", TEXT))

    assert {name.lower() for name in given} == {"artifact_dir", "version", "store", "families", "shards", "url"}
    assert {name.lower() for name in given} <= SETTINGS.keys()


def test_its_tasks_exist(tasks):
    named = [command.strip('"').replace("${{ matrix.family }}", "gfx94X-dcgpu") for command in COMMANDS]

    assert named == ["plan:generic", "shard:generic", "shard:gfx94X-dcgpu", "publish"]
    assert set(named) <= tasks


def test_every_job_waits_for_what_it_takes():
    jobs = re.findall(r"^  ([a-z]+):\n    name: .*\n(?:    needs: (.*)\n)?", TEXT, re.MULTILINE)

    assert jobs == [("plan", ""), ("generic", "plan"), ("family", "plan"), ("publish", "[generic, family]")]
