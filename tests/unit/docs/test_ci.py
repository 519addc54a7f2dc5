"""The workflow in docs/ is one that GitHub takes, and what it runs exists."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from rules.loading.settings import SETTINGS
from tests.support.places import ROOT
from tools.drop_in.build_python_packages import _parser

WORKFLOW = ROOT / "docs" / "ci" / "build_python_packages.yml"
OPTIONS = re.findall(r"`(--[a-z-]+)`", (ROOT / "docs" / "ci.md").read_text(encoding="utf-8").partition("## Options")[2])


def command(program: str) -> list[str]:
    """Return the words that the workflow calls ``program`` with."""
    text = re.sub(r"\$\{\{ *(\S+) *\}\}", r"\1", WORKFLOW.read_text(encoding="utf-8")).replace("\\\n", " ")
    return shlex.split(re.search(rf"{re.escape(program)}(.*)", text)[1])


def test_the_workflow_is_one():
    checker = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run(
        [checker, "--builtin-schema", "vendor.github-workflows", WORKFLOW], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout


def test_the_script_takes_its_options():
    options = _parser().parse_args(command("./tools/drop_in/build_python_packages.py"))

    assert options.linux_amdgpu_families == "inputs.linux_amdgpu_families"


def test_its_settings_exist():
    *settings, task = command("./doitw")

    assert {word.partition("=")[0] for word in settings} <= SETTINGS.keys()
    assert task == "publish"


@pytest.mark.parametrize("option", OPTIONS)
def test_options_in_the_table_exist(option):
    known = {name for action in _parser()._actions for name in action.option_strings}

    assert option in known
