"""``catalog:<artifact>``: what an artifact holds, looked at again where a stat signature changed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from rules.analysis.project import Project
from rules.loading.artifact_names import ArtifactName
from rules.sample import SAMPLE
from rules.task import Task, step


def catalog_tasks(project: Project) -> Iterator[Task]:
    """Yield one task an artifact."""
    yield {"basename": "catalog", "name": None, "doc": "what each artifact holds: paths, digests, ELF facts"}
    for artifact in project.artifacts:
        yield _catalog_task(project, artifact)


class Unchanged:
    """An ``uptodate`` check: each file has its old stat signature. One walk, nothing is opened."""

    def __init__(self, directory: Path, signatures: Path) -> None:
        self.directory, self._signatures = directory, signatures

    def __call__(self) -> bool:
        """Say whether the artifact is as it was, and cataloged by the rules of today."""
        from tools.catalog.signatures import is_current

        return is_current(self.directory, self._signatures)

    def reason(self) -> str:
        """Return a sentence that names what changed, as far as that can be told."""
        from tools.catalog.signatures import changes
        from tools.errors import UserError, listed

        try:
            paths = changes(self.directory, self._signatures)
        except UserError:
            return f"{self.directory} was not looked at before"
        return f"changed below {self.directory}: {listed(paths)}" if paths else "it was cataloged by older rules"

    def __repr__(self) -> str:
        """Return what ``doit info`` shows as a reason."""
        return f"<a file below {self.directory} changed>"


def _catalog_task(project: Project, artifact: ArtifactName) -> Task:
    directory, signatures = project.artifact_dir / str(artifact), project.signatures(str(artifact))
    return step(
        "catalog",
        str(artifact),
        f"what {artifact} holds",
        engine=project.engine,
        job=partial(_job, project, str(artifact)),
        outputs=[project.catalog(str(artifact)), signatures],
        key={},
        checks=[Unchanged(directory, signatures)],
        after=[SAMPLE] if project.is_sample else [],
    )


def _job(project: Project, artifact: str) -> tuple[Any, Any]:
    from tools.catalog.scan import CatalogRequest, catalog_artifact

    return catalog_artifact, CatalogRequest(
        artifact=artifact,
        directory=project.artifact_dir / artifact,
        catalog=project.catalog(artifact),
        signatures=project.signatures(artifact),
    )
