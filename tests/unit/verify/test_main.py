"""``python -m tools.verify``: the report on stdout, and an exit code."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.support.wheel_sets import make_dist, make_set
from tools.verify.__main__ import main


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    return make_dist(tmp_path / "dist", make_set(tmp_path / "build", families=()))


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["verify", *map(str, arguments)])
    return main()


def test_a_dist_with_an_error_ends_with_one_and_the_report_names_it(dist, monkeypatch, capsys):
    (dist / "SHA256SUMS").unlink()

    assert run(monkeypatch, dist) == 1

    out, err = capsys.readouterr()
    assert ("SHA256SUMS\n  error: sums: " in out, err) == (True, "")


def test_warnings_alone_are_a_good_end(dist, monkeypatch, capsys):
    (dist / "stranger.txt").write_text("x")

    assert run(monkeypatch, dist) == 0

    assert "stranger.txt\n  warning: sums: is none of ours" in capsys.readouterr().out


def test_the_report_can_be_json(dist, monkeypatch, capsys):
    (dist / "stranger.txt").write_text("x")

    assert run(monkeypatch, dist, "--json") == 0

    report = json.loads(capsys.readouterr().out)
    assert [(row["file"], row["check"]) for row in report["findings"]] == [("stranger.txt", "sums")]


def test_what_cannot_be_verified_ends_with_two_and_a_sentence(tmp_path, monkeypatch, capsys):
    assert run(monkeypatch, tmp_path / "none") == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"{tmp_path}/none: ")
