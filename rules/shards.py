"""``shards``: with ``shards=yes`` the store is asked for every catalog and wheel before anything is made of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from rules.analysis.families import needed
from rules.analysis.project import Project
from rules.build import store_rule
from rules.store import CATALOGS, SHARDS, WHEELS
from rules.task import Job, Task, perform

if TYPE_CHECKING:
    from tools.store.shards import CatalogsRequest, WheelsRequest


def shard_tasks(project: Project) -> Iterator[Task]:
    """Yield the check before the first catalog and the one before the first wheel, where shards were asked for."""
    if project.settings.shards:
        plans = [str(project.plan(product)) for product in project.products.products if product.holds_artifacts]
        yield _task(project, CATALOGS, "that the store has the catalogs of all archives", partial(_catalogs, project))
        wheels = _task(project, WHEELS, "that the store has all wheels of artifacts", partial(_wheels, project))
        yield wheels | {"file_dep": plans}


def _task(project: Project, name: str, doc: str, job: Job) -> Task:
    return {
        "basename": SHARDS,
        "name": name,
        "doc": doc,
        "actions": [(perform, [project.engine, job, f"{SHARDS}:{name}"])],
        "uptodate": [False],
        "io": {"capture": False},
    }


def _catalogs(project: Project) -> tuple[Any, CatalogsRequest]:
    from tools.store.shards import CatalogsRequest, check_catalogs

    names = needed(project.specs, project.artifacts, project.products.families)
    assert project.settings.store, "loading saw to it"
    return check_catalogs, CatalogsRequest(
        store=project.settings.store, artifacts=project.source, names=tuple(sorted(names))
    )


def _wheels(project: Project) -> tuple[Any, WheelsRequest]:
    from tools.store.shards import Wanted, WheelsRequest, check_wheels

    wanted = tuple(
        Wanted(
            distribution=product.distribution,
            version=product.version,
            filename=product.filename,
            plan=project.plan(product),
            rule=store_rule(project, product),
        )
        for product in project.products.products
        if product.holds_artifacts
    )
    assert project.settings.store, "loading saw to it"
    return check_wheels, WheelsRequest(store=project.settings.store, wheels=wanted)
