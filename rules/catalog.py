"""``catalog:<artifact>``: what an artifact holds, looked at again where its state changed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from rules.analysis.project import Project
from rules.engines.engine import Load
from rules.loading.artifact_names import ArtifactName
from rules.sample import SAMPLE
from rules.store import CATALOGS, after_shards, in_store
from rules.task import Task, step
from tools.artifact.source import ArtifactSource


def catalog_tasks(project: Project) -> Iterator[Task]:
    """Yield one task an artifact."""
    yield {"basename": "catalog", "name": None, "doc": "what each artifact holds: paths, digests, ELF facts"}
    for artifact in project.artifacts:
        yield _catalog_task(project, artifact)


class Unchanged:
    """An ``uptodate`` check: the artifact has its old state. Nothing of it is opened."""

    def __init__(self, source: ArtifactSource, artifact: str, signatures: Path) -> None:
        self._source, self._artifact, self._signatures = source, artifact, signatures

    @property
    def place(self) -> str:
        """Where the artifact is."""
        return self._source.open(self._artifact).place

    def __call__(self) -> bool:
        """Say whether the artifact is as it was, and cataloged by the rules of today."""
        from tools.catalog.signatures import is_current

        return is_current(self._source.open(self._artifact), self._signatures)

    def changes(self) -> tuple[str, ...] | None:
        """Return the paths that changed below the place; None where it was not looked at before."""
        from tools.catalog.signatures import changes
        from tools.errors import UserError

        try:
            return tuple(changes(self._source.open(self._artifact), self._signatures))
        except UserError:
            return None

    def __repr__(self) -> str:
        """Return what ``doit info`` shows as a reason."""
        return f"<a file below {self.place} changed>"


def _catalog_task(project: Project, artifact: ArtifactName) -> Task:
    signatures = project.signatures(str(artifact))
    return step(
        "catalog",
        str(artifact),
        f"what {artifact} holds",
        engine=project.engine,
        job=partial(_job, project, str(artifact)),
        outputs=[project.catalog(str(artifact)), signatures],
        key={},
        checks=[Unchanged(project.source, str(artifact), signatures), *in_store(project)],
        after=[*([SAMPLE] if project.is_sample else []), *after_shards(project, CATALOGS)],
        meta={"settings": ("artifact_dir", "store", "build_dir")},
    )


def _job(project: Project, artifact: str) -> tuple[Any, Any, Load]:
    """Return what catalogs an artifact; with a store, what takes the catalog from there, if it can."""
    from rules.engines.estimates import catalog_load
    from tools.catalog.scan import CatalogRequest, catalog_artifact

    request = CatalogRequest(
        artifacts=project.source,
        artifact=artifact,
        catalog=project.catalog(artifact),
        signatures=project.signatures(artifact),
    )
    if project.settings.store is None:
        return catalog_artifact, request, catalog_load(project, artifact)
    from tools.store.cataloging import StoredCatalogRequest, take_or_catalog

    stored = StoredCatalogRequest(store=project.settings.store, request=request)
    return take_or_catalog, stored, catalog_load(project, artifact)
