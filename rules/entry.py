"""``entry:<name>``: wheels of ``rocm`` for ``whl/`` and, with ``variants=yes``, one a GFX target."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from rules.analysis.project import Project
from rules.task import Task, group, step
from tools.plan.product import Product
from tools.plan.spec import GENERIC

ENTRY = "entry"  # the tasks, and their folder below build_dir
ALL = "all"  # the wheel for every machine
LIST = "variants"  # the list of the variants
RULE_VERSION = 1  # raised when equal plans give other wheels


def entry_tasks(project: Project) -> Iterator[Task]:
    """Yield a task for each wheel of ``rocm`` that stands for the sdist, and the group of all."""
    meta = meta_of(project)
    names = entry_names(project)
    for name in names if meta else ():
        yield step(
            ENTRY,
            name,
            _doc(name),
            engine=project.engine,
            job=partial(_build, project, name),
            inputs=[project.plan(meta)] if meta else [],
            outputs=[entry_receipt(project, name)],
            key={"rule": RULE_VERSION},
        )
    if names:
        yield group(ENTRY, "wheels of rocm beside the sdist", [f"{ENTRY}:{name}" for name in names]) | {"name": None}


def entry_receipts(project: Project) -> tuple[Path, ...]:
    """Return the receipts of these wheels."""
    return tuple(entry_receipt(project, name) for name in entry_names(project))


def entry_receipt(project: Project, name: str) -> Path:
    """Return the receipt of one of them."""
    return project.settings.build_dir / ENTRY / name / "receipt.json"


def entry_names(project: Project) -> tuple[str, ...]:
    """Return "all" if it is decided what that wheel requires, and the targets that have variants."""
    if meta_of(project) is None:
        return ()
    targets = project.products.families if project.settings.variants and project.specs.kpack_split else ()
    return (*((ALL,) if _is_decided(project) else ()), *targets, *((LIST,) if targets else ()))


def entry_notes(project: Project) -> tuple[str, ...]:
    """Return why there is no wheel of ``rocm``, where there is none."""
    if meta_of(project) is None or _is_decided(project):
        return ()
    families = ", ".join(project.products.families) or "none"
    return (
        f"whl/: left out, nobody says which family `rocm[libraries]` means there; default_family=... (of {families})",
    )


def meta_of(project: Project) -> Product | None:
    """Return the sdist."""
    return next((product for product in project.products.products if product.rule == "sdist"), None)


def _is_decided(project: Project) -> bool:
    families = {product.family for product in project.products.products} - {GENERIC}
    settings, default = project.settings, project.settings.default_family
    offered = families.union(settings.linux_amdgpu_families, settings.windows_amdgpu_families)
    return bool(families) and (project.specs.kpack_split or default in families or (not default and len(offered) == 1))


def _doc(name: str) -> str:
    if name == LIST:
        return "the list of variants of rocm (PEP 825)"
    return "a wheel of rocm with static requirements" + ("" if name == ALL else f", for {name} (PEP 825)")


def _build(project: Project, name: str) -> tuple[Any, Any]:
    from tools.dist.entry import EntryRequest, VariantsRequest, build_entry, write_variants
    from tools.dist.listing import ENTRY as FOR_ALL
    from tools.dist.listing import VARIANT

    meta = meta_of(project)
    assert meta, "entry_names saw to it"
    if name == LIST:
        return write_variants, VariantsRequest(
            plan=project.plan(meta),
            directory=entry_receipt(project, name).parent,
            targets=project.products.families,
        )
    return build_entry, EntryRequest(
        plan=project.plan(meta),
        directory=entry_receipt(project, name).parent,
        package=FOR_ALL if name == ALL else VARIANT,
        target="" if name == ALL else name,
    )
