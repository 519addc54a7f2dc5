"""What ``doit index`` says to do next."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.analysis.project import load_project
from rules.dist import dist_tasks
from rules.loading.settings import read_settings
from tests.support.places import SPECS


def next_of_index(directory: Path, **given: str) -> str:
    settings = read_settings(directory, directory, {"dist_dir": "/dist", **given}, {})
    index = list(dist_tasks(load_project(SPECS, settings)))[-1]
    return index["meta"]["next"]


@pytest.mark.parametrize(("place", "report"), [(object(), "doit report; "), (None, "")])
def test_the_report_is_named_where_its_extra_is_installed(tmp_path, monkeypatch, place, report):
    monkeypatch.setattr("rules.dist.find_spec", {"panel": place}.get)

    assert next_of_index(tmp_path) == (
        f"doit verify; {report}pip install --no-index --find-links /dist 'rocm[libraries-gfx120x-all]'"
    )
