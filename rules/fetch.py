"""``fetch``: archives fetched and unpacked early, which else happens when a catalog or a wheel needs them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from rules.analysis.families import needed
from rules.analysis.project import Project
from rules.task import Task, perform
from tools.artifact.source import ArtifactSource

if TYPE_CHECKING:
    from tools.workers.context import Context

FETCH = "fetch"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """One artifact to make ready."""

    artifacts: ArtifactSource
    artifact: str


class Ready:
    """An ``uptodate`` check: the artifact can be read."""

    def __init__(self, source: ArtifactSource, artifact: str) -> None:
        self._source, self._artifact = source, artifact

    def __call__(self) -> bool:
        """Say whether it is a directory, or its tar is there."""
        from tools.errors import UserError

        try:
            return self._source.open(self._artifact).is_unpacked()
        except UserError:
            return False

    def __repr__(self) -> str:
        """Return what ``doit info`` shows as a reason."""
        return "<its archive is not unpacked>"


def fetch_tasks(project: Project) -> Iterator[Task]:
    """Yield one task for each artifact that the products are made of; nothing waits for them."""
    yield {
        "basename": FETCH,
        "name": None,
        "doc": "archives fetched and unpacked now, and not when something needs them",
        "meta": {"next": "doit index", "settings": ("artifact_dir", "families")},
    }
    if project.is_sample:
        return
    for artifact in needed(project.specs, project.artifacts, project.products.families):
        yield {
            "basename": FETCH,
            "name": artifact,
            "doc": f"{artifact}, ready to be read",
            "actions": [(perform, [project.engine, partial(_job, project, artifact)])],
            "uptodate": [Ready(project.source, artifact)],
            "io": {"capture": False},
        }


def make_ready(request: FetchRequest, context: Context) -> None:
    """Fetch and unpack an archive, if it is one.

    :raises UserError: when that cannot be done.
    """
    request.artifacts.open(request.artifact, context.fetching).unpack()


def _job(project: Project, artifact: str) -> tuple[object, FetchRequest]:
    return make_ready, FetchRequest(artifacts=project.source, artifact=artifact)
