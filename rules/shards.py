"""``shard:<family>``: what one machine of several builds; and whether all of it is in the store (``shards=yes``)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from rules.analysis.families import families_of_targets, needed, scope_of
from rules.analysis.project import Project
from rules.build import name_of, store_rule
from rules.store import CATALOGS, SHARDS, WHEELS
from rules.task import Job, Task, group, perform
from tools.plan.spec import GENERIC

if TYPE_CHECKING:
    from tools.store.shards import CatalogsRequest, WheelsRequest

SHARD = "shard"  # the groups


def shard_tasks(project: Project) -> Iterator[Task]:
    """Yield the groups of what a family alone has, and the checks of what they were to leave in the store."""
    yield from _groups(project)
    yield from _checks(project)


def _groups(project: Project) -> Iterator[Task]:
    products, families = project.products.products, project.products.families
    own = {family: [family] for family in (GENERIC, *families)}
    own |= {family: list(targets) for family, targets in families_of_targets(project.specs, families)}
    yield {"basename": SHARD, "name": None, "doc": "what a family alone has: the part of one machine, for store=..."}
    for family, scopes in own.items():
        members = [name_of(product) for product in products if product.family in scopes]
        meta = {"settings": ("store", "artifact_dir", "version", "families", "build_dir")}
        yield group(SHARD, f"what {family} alone has", members, meta=meta) | {"name": family}


def _checks(project: Project) -> Iterator[Task]:
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
    shards = {str(one): scope_of(one, project.specs) for one in project.artifacts if str(one) in names}
    assert project.settings.store, "loading saw to it"
    return check_catalogs, CatalogsRequest(store=project.settings.store, artifacts=project.source, shards=shards)


def _wheels(project: Project) -> tuple[Any, WheelsRequest]:
    from tools.store.shards import Wanted, WheelsRequest, check_wheels

    wanted = tuple(
        Wanted(
            distribution=product.distribution,
            version=product.version,
            filename=product.filename,
            shard=product.family,
            plan=project.plan(product),
            rule=store_rule(project, product),
        )
        for product in project.products.products
        if product.holds_artifacts
    )
    assert project.settings.store, "loading saw to it"
    return check_wheels, WheelsRequest(store=project.settings.store, wheels=wanted)
