"""``debian-artifacts``: real artifacts, made of Debian's own ROCm packages; for trying things out and measuring."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from shlex import quote
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
        "meta": {"next": f"doit index {quote(f'artifact_dir={directory}')}", "settings": ("layout", "build_dir")},
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

    made = perform(project.engine, job)
    return _pack(project, directory) if archives and not isinstance(made, TaskFailed) else made


def _pack(project: Project, directory: Path) -> TaskFailed | dict[str, Any]:
    """Make archives of the directories, and say where they are: what is next names the directories."""
    out = directory.with_name(f"{directory.name}-archives")

    def job() -> tuple[Any, Any]:
        from tools.sample.archives import ArchivesRequest, make_archives

        return make_archives, ArchivesRequest(directory=directory, out=out)

    made = perform(project.engine, job)
    if isinstance(made, TaskFailed):
        return made
    return {"notes": [f"the archives are in {out}: `doit index {quote(f'artifact_dir={out}')}` builds from them"]}
