"""Equal checkouts with equal packages are one edition, and no others."""

from __future__ import annotations

import shutil

import pytest

from tools.workers import edition as module
from tools.workers.edition import ROOT, edition


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    for part in ("tools", "packaging_specs"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return tmp_path


def test_a_copy_is_the_same(checkout):
    before = edition()
    (checkout / "tools" / "__pycache__").mkdir()
    (checkout / "tools" / "__pycache__" / "naming.py").touch()

    assert edition() == before
    assert len(before) == 64


@pytest.mark.parametrize("file", ["tools/naming.py", "packaging_specs/project.toml", "tools/new.py"])
def test_another_file_is_another(checkout, file):
    before = edition()
    with (checkout / file).open("a") as text:
        text.write("\n")

    assert edition() != before


def test_another_version_of_a_package_is_another(checkout, monkeypatch):
    before = edition()
    monkeypatch.setattr(module, "version", lambda name: "0")

    assert edition() != before
