"""``plan:<family>`` and ``plan:meta``: which file goes into which wheel; anew when a catalog or a spec changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rules.analysis.families import claims, scope_of
from rules.analysis.offered import offered_families
from rules.analysis.project import Project
from rules.engines.engine import Load
from rules.task import Task, step
from tools.plan.product import Product
from tools.plan.requests import DLLS, PROVENANCE, MetaRequest, PlanRequest, SetRequest
from tools.plan.runtime import runtime_files
from tools.plan.spec import GENERIC
from tools.platform.tags import WINDOWS

if TYPE_CHECKING:
    from tools.windows.lists import Lists

SETTINGS = ("artifact_dir", "layout", "platform_tag", "version", "families", "strict", "build_dir")
RULE_VERSION = 6  # raised when equal inputs give other plans
WHEEL_SET = "set"  # the check over all wheels that share a platform package


def plan_tasks(project: Project) -> Iterator[Task]:
    """Yield one task a family, and one for the sdist."""
    yield {"basename": "plan", "name": None, "doc": "which file goes into which wheel, and in which form"}
    for family in (GENERIC, *project.products.families):
        yield _family_task(project, family)
    for product in project.products.products:
        if product.rule == "sdist":
            yield _meta_task(project, product)
    if has_wheel_set(project):
        yield _set_task(project, _overlaying(project))


def has_wheel_set(project: Project) -> bool:
    """Say whether several wheels share a platform package, so that they are looked at as a set."""
    return len(_overlaying(project)) > 1


def _family_task(project: Project, family: str) -> Task:
    request = plan_request(project, family)
    wheels = [product for product in project.products.of(family) if product.holds_artifacts]
    names = [f"{product.package}{ending}" for product in wheels for ending in (".json", ".outline")]
    names += ["report.json", "tree.json"]
    shared = [request.generic, request.generic.with_name(PROVENANCE)] if request.generic else []
    names += [] if request.generic else [PROVENANCE]
    if request.windows:
        shared += [request.generic.with_name(DLLS)] if request.generic else []
        names += [] if request.generic else [DLLS]
    return step(
        "plan",
        family,
        f"the wheels of {family}" if family != GENERIC else "the wheels for every GPU",
        engine=project.engine,
        job=partial(_plan_family, request),
        inputs=[
            *request.catalogs,
            *request.shared,
            *shared,
            request.description,
            *_runtime(project, wheels),
        ],
        outputs=[request.directory / name for name in names],
        key={
            "rule": RULE_VERSION,
            "request": _digest(
                request.specs,
                request.products,
                request.notes,
                request.unused,
                request.strict,
                request.platform_tag,
                request.unclaimed,
                request.ignored,
                *((request.windows,) if request.windows else ()),
            ),
        },
        meta={"settings": SETTINGS},
    )


def plan_request(project: Project, family: str) -> PlanRequest:
    """Return what planning ``family`` reads and writes."""
    packaged = [a for a in project.artifacts if any(claims(package, a) for package in project.specs.packages)]
    own = [str(artifact) for artifact in packaged if scope_of(artifact, project.specs) == family]
    generic = {str(artifact) for artifact in packaged if artifact.family == GENERIC}
    wheels = project.products.of(family)
    shared = sorted({name for product in wheels for name in product.artifacts if name in generic} - set(own))
    directory = project.settings.build_dir / "plan"
    products = project.products
    return PlanRequest(
        family=family,
        specs=project.specs,
        products=(*(products.of(family) if family != GENERIC else ()), *products.of(GENERIC)),
        catalogs=tuple(project.catalog(name) for name in own),
        shared=tuple(project.catalog(name) for name in shared),
        generic=None if family == GENERIC else directory / GENERIC / "tree.json",
        platform_tag=project.platform_tag,
        strict=project.settings.strict,
        unclaimed=products.unclaimed if family == GENERIC else (),
        ignored=products.ignored if family == GENERIC else (),
        notes=products.notes if family == GENERIC else (),
        unused=products.unused if family == GENERIC else (),
        runtime=project.specs_dir / "runtime",
        description=project.specs_dir / "templates" / "description.md.j2",
        windows=_lists(project),
        directory=directory / family,
    )


def _lists(project: Project) -> Lists | None:
    if project.specs.system != WINDOWS:
        return None
    from tools.windows.lists import read_lists

    return read_lists(project.specs_dir / "windows")


def _meta_task(project: Project, product: Product) -> Task:
    offered = _offered(project)
    request = MetaRequest(
        product=product,
        specs=project.specs,
        products=project.products.products,
        default_family=project.settings.default_family,
        runtime=project.specs_dir / "runtime",
        description=project.specs_dir / "templates" / "sdist-description.md.j2",
        plan=project.plan(product),
        offered=offered,
        systems=_systems(project, offered),
    )
    return step(
        "plan",
        product.package,
        f"the {product.distribution} sdist and its extras",
        engine=project.engine,
        job=partial(_plan_meta, request),
        inputs=[*_runtime(project, [product]), request.description],
        outputs=[request.plan],
        key={
            "rule": RULE_VERSION,
            "request": _digest(request.specs, request.products, request.default_family, request.systems, *offered),
        },
        meta={"settings": SETTINGS},
    )


def _offered(project: Project) -> tuple[tuple[str, tuple[str, ...]], ...]:
    settings = project.settings
    return offered_families(
        project.specs,
        project.products.families,
        platform_tag=project.platform_tag,
        linux=settings.linux_amdgpu_families,
        windows=settings.windows_amdgpu_families,
    )


def _systems(project: Project, offered: Sequence[tuple[str, tuple[str, ...]]]) -> tuple[str, ...]:
    """Return the systems that the sdist stands for: those of what it offers, else the one that is built for."""
    return tuple(sorted({one for _, platforms in offered for one in platforms})) or (project.specs.system,)


def _overlaying(project: Project) -> list[Product]:
    """Return the wheels that write into another wheel's platform package, and that wheel."""
    bases = {spec.overlays for spec in project.specs.packages if spec.overlays}
    wheels = [product for product in project.products.products if product.rule == "wheel"]
    return [p for p in wheels if p.package in bases or project.specs.package(p.package).overlays]


def _set_task(project: Project, products: list[Product]) -> Task:
    request = SetRequest(
        plans=tuple(project.plan(product) for product in products),
        expected=project.products.expected,
        strict=project.settings.strict,
        windows=project.specs.system == WINDOWS,
        report=project.settings.build_dir / "plan" / "set.json",
    )
    return step(
        "plan",
        WHEEL_SET,
        "wheels that are installed together: no path in two of them, no target without its files",
        engine=project.engine,
        job=partial(_check_set, request),
        inputs=request.plans,
        outputs=[request.report],
        key={"rule": RULE_VERSION, "request": _digest(request.expected, request.strict)},
    )


def _plan_family(request: PlanRequest) -> tuple[Any, PlanRequest, Load]:
    from rules.engines.estimates import plan_load
    from tools.plan.family import plan_family

    return plan_family, request, plan_load(request)


def _plan_meta(request: MetaRequest) -> tuple[Any, MetaRequest]:
    from tools.plan.meta import plan_meta

    return plan_meta, request


def _check_set(request: SetRequest) -> tuple[Any, SetRequest]:
    from tools.plan.wheel_set import check_set

    return check_set, request


def _runtime(project: Project, products: list[Product]) -> list[Path]:
    folders = {project.specs.package(product.package).runtime for product in products} - {None}
    return list(runtime_files(project.specs_dir / "runtime", [folder for folder in folders if folder]))


def _digest(*values: object) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()
