"""Imports go one way: dodo.py, rules, tools. Only the first two know doit."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

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


@cache
def modules() -> Mapping[str, list[str]]:
    return packages_distributions()


def owners(module: str) -> set[str]:
    """Return the normalised names of the distributions that have a module."""
    return {canonicalize_name(name) for name in modules().get(module, ())}


@cache
def brought() -> frozenset[str]:
    """Return the normalised names of what users install, with what that requires; what is for tests alone is not."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [rows for extra, rows in project["optional-dependencies"].items() if extra != "test"]
    pending = [Requirement(row) for rows in [project["dependencies"], *extras] for row in rows]
    found: set[str] = set()
    while pending:
        one = pending.pop()
        name = canonicalize_name(one.name)
        if name not in found and (one.marker is None or one.marker.evaluate({"extra": ""})):
            found.add(name)
            with suppress(PackageNotFoundError):
                pending += map(Requirement, requires(name) or ())
    return frozenset(found)


@pytest.mark.parametrize("file", [file for file in FILES if "texts" not in file.parts], ids=str)
def test_what_is_imported_is_installed_without_the_tests(file):
    """A program that the tests need may bring what ours forgot to ask for."""
    known = {*sys.stdlib_module_names, "tools", "rules", "compression", "_typeshed"}
    others = set(imported(file.read_text(encoding="utf-8"))) - known

    assert [name for name in others if not brought() & owners(name)] == []


def test_what_tests_alone_bring_is_found():
    assert not brought() & owners("packageurl")
    assert brought() & owners("botocore")
