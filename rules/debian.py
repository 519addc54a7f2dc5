"""``debian-artifacts``: real artifacts, made of Debian's own ROCm packages; for trying things out and measuring."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from doit.exceptions import TaskFailed

from rules.analysis.project import Project
from rules.task import Task, perform


def debian_tasks(project: Project) -> Iterator[Task]:
    """Yield the task that downloads Debian's packages and makes artifacts of them; it keeps the packages, too."""
    layout: Any = project.specs.layout
    directory = project.settings.build_dir / "debian" / layout
    yield {
        "basename": "debian-artifacts",
        "doc": "real artifacts from Debian 12's ROCm packages; --large for gigabytes of rocSPARSE",
        "params": [{"name": "large", "long": "large", "type": bool, "default": False, "help": "with rocSPARSE"}],
        "actions": [partial(_make, project, directory, layout)],
        "uptodate": [False],
        "io": {"capture": False},
        "meta": {"next": f"doit index artifact_dir={directory}"},
    }


def _make(project: Project, directory: Path, layout: Any, large: bool) -> TaskFailed | dict[str, Any] | None:
    def job() -> tuple[Any, Any]:
        from tools.sample.debian import DebianRequest, make_artifacts
        from tools.sample.debian.__main__ import default_cache

        request = DebianRequest(directory=directory, cache=default_cache(), bulk=True, large=large, layout=layout)
        return make_artifacts, request

    return perform(project.engine, job)
