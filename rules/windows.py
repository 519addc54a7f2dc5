"""``windows-artifacts``: real artifacts for Windows, made of AMD's signed DLLs; for trying things out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from doit.exceptions import TaskFailed

from rules.analysis.project import Project
from rules.task import Task, perform


def windows_tasks(project: Project) -> Iterator[Task]:
    """Yield the task that downloads a wheel, which it keeps, and makes artifacts of the DLLs in it."""
    directory = project.settings.build_dir / f"{project.specs.layout}-windows"
    yield {
        "basename": "windows-artifacts",
        "doc": "real artifacts for Windows: AMD's signed DLLs of ROCm 7.14, as far as PyPI has them",
        "actions": [partial(_make, project, directory)],
        "uptodate": [False],
        "io": {"capture": False},
        "meta": {"next": f"doit index artifact_dir={directory} version=7.14.0.dev0"},
    }


def _make(project: Project, directory: Path) -> TaskFailed | dict[str, Any] | None:
    def job() -> tuple[Any, Any]:
        from tools.sample.windows.amd import AmdRequest, make_artifacts

        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        cache = Path(home) / "rules_rocm_wheels" / "windows"
        return make_artifacts, AmdRequest(directory=directory, cache=cache, layout=project.specs.layout)

    return perform(project.engine, job)
