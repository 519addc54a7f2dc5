"""``build:<family>:<package>``: a wheel or the sdist from its plan, with a receipt beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rules.analysis.families import families_of_targets
from rules.analysis.project import Project
from rules.engines.engine import Load
from rules.plan import WHEEL_SET
from rules.store import WHEELS, after_shards, in_store
from rules.task import Task, group, step
from tools.plan.product import Product
from tools.plan.spec import GENERIC, Carried
from tools.wheel.versions import (
    CARRIED_VERSION,
    FORWARDER_VERSION,
    RPATH_VERSION,
    SDIST_VERSION,
    STUB_VERSION,
    WHEEL_VERSION,
)

BUILD = "build"  # the groups: build, build:<family>
SETTINGS = ("artifact_dir", "version", "families", "compression_level", "store", "build_dir")
NEXT = {"next": "doit index", "settings": SETTINGS}


def build_tasks(project: Project) -> Iterator[Task]:
    """Yield a task for each product, a group for each family, and the group of all.

    Largest first, so that no long task is left to run alone at the end.
    """
    ordered = sorted(project.products.products, key=lambda product: -_last_size(project, product))
    for family in (GENERIC, *project.products.families):
        yield from _family_tasks(project, family, ordered)
    for family, targets in families_of_targets(project.specs, project.products.families):
        needed = [name_of(product) for product in ordered if product.family in (GENERIC, *targets)]
        yield group(f"{BUILD}:{family}", f"everything that {family} needs ({', '.join(targets)})", needed, meta=NEXT)
    yield group(BUILD, "every wheel and sdist", map(name_of, ordered), meta=NEXT)


def name_of(product: Product) -> str:
    """Return the name of the task that builds ``product``."""
    return f"{BUILD}:{product.family}:{product.package}"


def _family_tasks(project: Project, family: str, ordered: list[Product]) -> Iterator[Task]:
    doc = "the wheels and the sdist for every GPU" if family == GENERIC else f"everything that {family} needs"
    needed = [name_of(product) for product in ordered if product.family in (GENERIC, family)]
    yield {"basename": f"{BUILD}:{family}", "name": None, "doc": doc, "task_dep": needed, "meta": NEXT}
    for product in ordered:
        if product.family == family:
            yield _build_task(project, product)


def _build_task(project: Project, product: Product) -> Task:
    _, sources, key = _how(project, product)
    return step(
        f"{BUILD}:{product.family}",
        product.package,
        f"{product.distribution} {product.version}",
        engine=project.engine,
        job=partial(_job, project, product),
        inputs=sources,
        outputs=[project.product_dir(product) / product.filename, project.receipt(product)],
        key=key,
        checks=in_store(project),
        after=[
            *([f"plan:{WHEEL_SET}"] if project.specs.package(product.package).overlays else []),
            *after_shards(project, WHEELS),
        ],
        meta=NEXT | {"receipt": project.receipt(product), "outline": project.outline(product)},
    )


def _job(project: Project, product: Product) -> tuple[Any, ...]:
    """Return what builds a product; with a store, what takes it from there, if it can."""
    make, _, _ = _how(project, product)
    build, request, *load = make(project, product)
    if project.settings.store is None:
        return build, request, *load
    from tools.store.building import StoredProductRequest, take_or_build

    stored = StoredProductRequest(
        store=project.settings.store,
        rule=store_rule(project, product),
        plan=plan_of(project, product),
        filename=product.filename,
        build=build,
        request=request,
    )
    return take_or_build, stored, *load


def stored_wheels(project: Project) -> dict[str, str]:
    """Return file name -> URL in the store of every wheel and sdist that is planned here; none without a store."""
    from tools.store.building import key_of
    from tools.store.store import wheel_url

    store, found = project.settings.store, {}
    for product in project.products.products if store else ():
        plan = plan_of(project, product)
        if store and (plan is None or plan.exists()):
            key = key_of(store_rule(project, product), plan)
            found[product.filename] = wheel_url(store, key, product.filename)
    return found


def store_rule(project: Project, product: Product) -> dict[str, object]:
    """Return what decides the bytes of a product beside its plan: the key of its task, its name, the compressor."""
    _, _, key = _how(project, product)
    return {**key, "filename": product.filename, "deflate": version("deflate")}


def plan_of(project: Project, product: Product) -> Path | None:
    """Return the plan of a product; None of one that is carried."""
    return None if product.rule == "carried" else project.plan(product)


def _how(
    project: Project, product: Product
) -> tuple[Callable[..., tuple[Any, ...]], tuple[Path, ...], dict[str, object]]:
    """Return what makes a product, the files of ours that it is made from, and the key of its task."""
    if product.rule == "carried":
        carried = _carried_of(project, product)
        return _carried, (), {"rule": CARRIED_VERSION, "sha256": carried.sha256}
    if product.rule == "sdist":
        return _sdist, (project.plan(product),), {"rule": SDIST_VERSION}
    return _wheel, (project.plan(product),), _wheel_key(project)


def _wheel_key(project: Project) -> dict[str, object]:
    level = project.settings.compression_level
    made = {"rpath": RPATH_VERSION, "stub": STUB_VERSION, "forwarder": FORWARDER_VERSION}
    return {"rule": WHEEL_VERSION, **made, "deflate": version("deflate"), "level": level}


def _wheel(project: Project, product: Product) -> tuple[Any, Any, Load]:
    from rules.engines.estimates import helpful, wheel_load
    from tools.wheel.build import WheelRequest, build_wheel

    load = wheel_load(project, product)
    request = WheelRequest(
        plan=project.plan(product),
        artifacts=project.source,
        directory=project.product_dir(product),
        receipt=project.receipt(product),
        level=project.settings.compression_level,
        reuse=tuple(helpful(load.outline, project)),
    )
    return build_wheel, request, load


def _sdist(project: Project, product: Product) -> tuple[Any, Any]:
    from tools.wheel.sdist import SdistRequest, build_sdist

    directory, receipt = project.product_dir(product), project.receipt(product)
    return build_sdist, SdistRequest(plan=project.plan(product), directory=directory, receipt=receipt)


def _carried(project: Project, product: Product) -> tuple[Any, Any]:
    from tools.wheel.carried import CarryRequest, carry_wheel

    carried = _carried_of(project, product)
    return carry_wheel, CarryRequest(
        source=project.carried_dir / carried.file,
        sha256=carried.sha256,
        package=product.package,
        distribution=product.distribution,
        version=product.version,
        directory=project.product_dir(product),
        receipt=project.receipt(product),
    )


def _carried_of(project: Project, product: Product) -> Carried:
    carried = project.specs.package(product.package).carried
    assert carried is not None
    return carried


def _last_size(project: Project, product: Product) -> int:
    """Return the bytes of the wheel as it was built before; 0 where there is none."""
    try:
        return (project.product_dir(product) / product.filename).stat().st_size
    except OSError:
        return 0
