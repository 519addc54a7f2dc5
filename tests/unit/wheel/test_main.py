"""Tests of python -m tools.wheel."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.contracts import text
from tests.support.project import Project, contents, names
from tools.wheel.__main__ import main


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    monkeypatch.setattr(sys, "argv", ["tools.wheel", *map(str, arguments)])
    return main()


def test_a_wheel_by_hand(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, out = project.plan(project.source("a", b"a")), project.tmp_path / "out"

    assert run(monkeypatch, plan, project.root.parent, out) == 0

    assert names(out) == ["demo-1.0-py3-none-any.whl", "receipt.json"]
    assert contents(out / "demo-1.0-py3-none-any.whl") == {"_demo/a": b"a"}


def test_an_sdist_by_hand(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, out = project.sdist_plan(text("PKG-INFO", "Name: demo\n")), project.tmp_path / "out"

    assert run(monkeypatch, plan, project.root.parent, out, "--sdist") == 0

    assert names(out) == ["demo-1.0.tar.gz", "receipt.json"]


def test_an_error_is_a_sentence(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, project.tmp_path / "none.json", project.root.parent, project.tmp_path / "out") == 1

    assert capsys.readouterr().err == f"{project.tmp_path}/none.json: cannot be read: No such file or directory\n"
