"""``doit debian-artifacts`` says where what it made is."""

from __future__ import annotations

import pytest

from rules.analysis.project import load_project
from rules.debian import debian_tasks
from rules.loading.settings import read_settings
from tests.support.places import SPECS


@pytest.fixture
def task(tmp_path, monkeypatch):
    for work in ("tools.sample.debian.make_artifacts", "tools.sample.archives.make_archives"):
        monkeypatch.setattr(work, lambda request, context: None)
    settings = read_settings(tmp_path, tmp_path, {"build_dir": str(tmp_path / "my build"), "engine": "inline"}, {})
    return next(debian_tasks(load_project(SPECS, settings)))


def test_archives_are_told_with_the_command_that_builds_from_them(task, tmp_path):
    (make,) = task["actions"]
    archives = f"{tmp_path}/my build/debian/per-family-archives"

    assert make(large=False, archives=False) is None
    assert make(large=False, archives=True)["notes"] == [
        f"the archives are in {archives}: `doit index 'artifact_dir={archives}'` builds from them"
    ]


def test_what_is_next_is_of_the_directories(task, tmp_path):
    assert task["meta"]["next"] == f"doit index 'artifact_dir={tmp_path}/my build/debian/per-family'"
