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
        "doc": "real artifacts from Debian 12's ROCm packages; --archives for .tar.zst of them, too, as TheRock makes "
        "them, --large for gigabytes of rocSPARSE",
        "params": [
            {"name": "large", "long": "large", "type": bool, "default": False, "help": "with rocSPARSE"},
            {"name": "archives", "long": "archives", "type": bool, "default": False, "help": "as archives, too"},
        ],
        "actions": [partial(_make, project, directory, layout)],
        "uptodate": [False],
        "io": {"capture": False},
        "meta": {"next": f"doit index artifact_dir={directory}", "settings": ("layout", "build_dir")},
    }


def _make(
    project: Project, directory: Path, layout: Any, large: bool, archives: bool
) -> TaskFailed | dict[str, Any] | None:
    """Make the directories, then the archives beside them: ``per-family`` and ``per-family-archives``."""

    def job() -> tuple[Any, Any]:
        from tools.sample.debian import DebianRequest, make_artifacts
        from tools.sample.debian.__main__ import default_cache

        request = DebianRequest(directory=directory, cache=default_cache(), bulk=True, large=large, layout=layout)
        return make_artifacts, request

    def pack() -> tuple[Any, Any]:
        from tools.sample.archives import ArchivesRequest, make_archives

        return make_archives, ArchivesRequest(directory=directory, out=directory.with_name(f"{layout}-archives"))

    made = perform(project.engine, job)
    return perform(project.engine, pack) if archives and not isinstance(made, TaskFailed) else made
