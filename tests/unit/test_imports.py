"""Imports go one way: dodo.py, rules, tools. Only the first two know doit."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.support.places import ROOT

FILES = sorted([ROOT / "dodo.py", *(ROOT / "rules").rglob("*.py"), *(ROOT / "tools").rglob("*.py")])


def imported(source: str) -> Iterator[str]:
    """Yield the first part of the name of every module that is imported, wherever in the file that happens."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0] if not node.level else "relative"


def rooms(source: str) -> Iterator[str]:
    """Yield the folder or module of ours, such as ``tools.elf``, of every import."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tools."):
            yield ".".join((node.module or "").split(".")[:2])


@pytest.mark.parametrize("file", [file for file in FILES if file.is_relative_to(ROOT / "tools")], ids=str)
def test_tools_know_neither_rules_nor_doit(file):
    assert not {"rules", "doit", "dodo", "relative"} & set(imported(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", [file for file in FILES if file.is_relative_to(ROOT / "rules")], ids=str)
def test_rules_know_neither_dodo_nor_tests(file):
    assert not {"dodo", "tests", "relative"} & set(imported(file.read_text(encoding="utf-8")))


def test_dodo_stays_short():
    assert len((ROOT / "dodo.py").read_text(encoding="utf-8").splitlines()) < 65


@pytest.mark.parametrize("source", ["import doit.tools", "def f():\n    from doit import x"])
def test_every_way_to_import_is_found(source):
    assert "doit" in set(imported(source))


@pytest.mark.parametrize("file", sorted((ROOT / "tools" / "elf").rglob("*.py")), ids=lambda file: file.name)
def test_elf_files_are_read_without_knowing_who_asks(file):
    assert set(rooms(file.read_text(encoding="utf-8"))) <= {"tools.elf", "tools.errors"}
