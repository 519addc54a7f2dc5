"""``doit report``: what it refuses before a build, and what it says."""

from __future__ import annotations

import random
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from doit.exceptions import TaskFailed

from rules.loading.settings import read_settings
from rules.report import check_report, report
from tests.support.wheel_sets import WheelText, make_wheel
from tools.errors import UserError
from tools.report import echarts


@pytest.fixture(autouse=True)
def library(monkeypatch):
    monkeypatch.setattr("tools.report.echarts.read_echarts", lambda: "/* the library */")
    monkeypatch.setattr("tools.report.write.read_echarts", echarts.read_echarts)


def settings_of(root: Path, **given: str):
    return read_settings(root, root, {"build_dir": str(root / "build"), **given}, {})


def dist(directory: Path, payload: bytes) -> str:
    receipt = make_wheel(directory, WheelText(distribution="rocm-sdk-core", package="core", payload=payload))
    return str(receipt.parent)


def test_a_budget_needs_something_to_grow_from(tmp_path):
    with pytest.raises(UserError) as caught:
        check_report(settings_of(tmp_path, budget="1 MB"))

    assert str(caught.value) == "budget: is of what grew; say against=DIRECTORY_OR_URL, too"


def test_a_dist_that_is_not_there_is_told_before_the_build(tmp_path):
    with pytest.raises(UserError) as caught:
        check_report(settings_of(tmp_path, against="old"))

    assert str(caught.value) == f"{tmp_path}/old: is no directory"


def test_the_page_is_written_and_told(tmp_path, capsys):
    place = dist(tmp_path / "new", random.Random(1).randbytes(1000))

    assert report(SimpleNamespace(settings=settings_of(tmp_path, of=place, against=place))) is None

    first, second = capsys.readouterr().out.splitlines()
    assert re.fullmatch(rf"{tmp_path}/build/report\.html: \d+ files in 1 wheel or sdist, [0-9.]+ kB", first)
    assert second == f"against {place}: 0 bytes"
    assert (tmp_path / "build" / "report.html").read_bytes().startswith(b"<!doctype html>")


def test_growth_beyond_the_budget_fails_and_the_page_is_there(tmp_path):
    old, new = dist(tmp_path / "old", b""), dist(tmp_path / "new", bytes(range(256)) * 10)

    failed = report(SimpleNamespace(settings=settings_of(tmp_path, of=new, against=old, budget="1")))

    assert isinstance(failed, TaskFailed)
    assert failed.message.startswith("budget: the wheels grew by ")
    assert (tmp_path / "build" / "report.html").exists()
