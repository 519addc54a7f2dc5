"""What people who join find on the forge: its own schemas accept it, and what it names exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.places import ROOT

GITHUB = ROOT / ".github"
WORKFLOW = GITHUB / "workflows" / "test.yml"
FORMS = sorted(file for file in (GITHUB / "ISSUE_TEMPLATE").iterdir() if file.name != "config.yml")
SCHEMAS = {
    WORKFLOW: "vendor.github-workflows",
    GITHUB / "ISSUE_TEMPLATE" / "config.yml": "vendor.github-issue-config",
    **dict.fromkeys(FORMS, "vendor.github-issue-forms"),
}
PAGES = ("CONTRIBUTING.md", "SECURITY.md")


@pytest.mark.parametrize(("file", "schema"), SCHEMAS.items(), ids=lambda one: getattr(one, "name", ""))
def test_a_schema_accepts_each_file(file, schema):
    checker = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run([checker, "--builtin-schema", schema, file], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_the_workflow_runs_the_commands_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [line.partition("#")[0].strip() for line in readme.splitlines() if line.startswith("./doitw ")]

    assert re.findall(r"run: (.*)", WORKFLOW.read_text(encoding="utf-8")) == commands[:2]


def test_the_workflow_has_each_python_that_is_supported():
    pythons = re.search(r"python: \[(.*)\]", WORKFLOW.read_text(encoding="utf-8"))[1]

    assert pythons == '"3.11", "3.12", "3.13"'


def test_forms_ask_for_the_trace_and_for_the_doctor():
    text = "".join(file.read_text(encoding="utf-8") for file in FORMS)

    assert "build/trace.json" in text
    assert "`rocm-sdk doctor`" in text


@pytest.mark.parametrize("page", PAGES)
def test_relative_links_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?://)([^)#]+)", (ROOT / page).read_text(encoding="utf-8"))

    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_one_page(page):
    assert len((ROOT / page).read_text(encoding="utf-8").splitlines()) <= 60
