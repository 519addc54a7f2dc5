"""What ``doit index`` makes, and what it says to do next."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.analysis.project import Project, load_project
from rules.dist import dist_tasks
from rules.entry import entry_names
from rules.loading.settings import read_settings
from tests.support.places import SPECS


def project_of(directory: Path, **given: str) -> Project:
    return load_project(SPECS, read_settings(directory, directory, {"dist_dir": "/my/dist", **given}, {}))


def next_of_index(directory: Path, **given: str) -> str:
    return list(dist_tasks(project_of(directory, **given)))[-1]["meta"]["next"]


@pytest.mark.parametrize(("place", "report"), [(object(), "doit report; "), (None, "")])
def test_the_report_is_named_where_its_extra_is_installed(tmp_path, monkeypatch, place, report):
    monkeypatch.setattr("rules.dist.find_spec", {"panel": place}.get)

    assert next_of_index(tmp_path) == (
        f"doit verify; {report}pip install --no-index --find-links /my/dist 'rocm[libraries-gfx120x-all]'"
    )


def test_wheels_for_windows_are_installed_there(tmp_path, monkeypatch):
    monkeypatch.setattr("rules.dist.find_spec", lambda name: None)

    assert next_of_index(tmp_path, platform_tag="win_amd64") == (
        'doit verify; on Windows: pip install --no-index --find-links dist "rocm[libraries-gfx110x-all]"'
    )


@pytest.mark.parametrize(("windows", "wheels"), [("gfx120X-all", ("all",)), ("gfx120X-all,gfx110X-all", ())])
def test_there_is_a_wheel_of_rocm_where_both_systems_offer_one_family(tmp_path, windows, wheels):
    project = project_of(tmp_path, families="gfx120X-all", windows_amdgpu_families=windows)

    assert entry_names(project) == wheels
