"""README and docs: short, linked, and about commands that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from rules.loading.settings import SETTINGS
from tests.support.places import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = {"list", "help", "explain", "why", "info", "diff", "watch", "clean", "forget"}
LONGEST = 110  # lines of README


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return the names of tasks and groups of the embedded samples."""
    names = set()
    for layout in ("per-family", "kpack-split"):
        command = [sys.executable, "-m", "doit", "list", "--all", "--quiet", f"layout={layout}"]
        place = f"build_dir={tmp_path_factory.mktemp(layout)}"
        done = subprocess.run([*command, place], cwd=ROOT, capture_output=True, text=True, check=True)
        names |= set(done.stdout.split())
    return names


def commands(page: Path) -> list[list[str]]:
    """Return the words of each command of doit in the page's blocks of shell commands, without comments."""
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    lines = [re.sub(r"\s+#.*", "", line) for block in blocks for line in block.splitlines()]
    return [line.split()[1:] for line in lines if re.match(r"(\./)?doitw? ", line)]


def test_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))

    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_name_settings_that_exist(page):
    given = {word.partition("=")[0] for words in commands(page) for word in words if re.match(r"[a-z_]+=", word)}

    assert given - set(SETTINGS) == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_name_tasks_that_exist(page, tasks):
    named = [[word for word in words if "=" not in word and not word.startswith("-")] for words in commands(page)]
    tasks_of = [words[1:] if words[:1] == ["watch"] else words[:1] for words in named if words[:1] != ["&"]]
    unknown = {name for names in tasks_of for name in names if name not in tasks | COMMANDS and name != "&"}

    assert unknown == set()


def test_every_page_of_docs_is_named_in_readme():
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert [page.name for page in (ROOT / "docs").glob("*.md") if f"docs/{page.name}" not in text] == []
