"""About how much work a job is, from what is known before it runs: where it runs and in which order depends on that.

The seconds are of one core, measured in 2026 on a server of 2021; only their order matters.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rules.analysis.project import Project
from rules.engines.engine import Load
from tools.plan.outline import Outline, read_outline
from tools.plan.product import Product
from tools.plan.requests import PlanRequest

_FIRST, _NEXT, _LAST = 0, 1, 2  # ranks: wheels wait for plans, and plans for catalogs
_HASHED = 1 / 1.2e9  # a byte
_DEFLATED = 1 / 1.2e8
_CATALOGED, _PLANNED, _PACKED = 3e-5, 1e-5, 4e-5  # a file
_ROW = 150  # bytes of a file's entry in a catalog, at least


def catalog_load(project: Project, artifact: str) -> Load:
    """Return the load of cataloging an artifact: a look at its first files tells enough."""
    files, size = project.source.glance(artifact)
    return Load(seconds=_CATALOGED * files + _HASHED * size, rank=_NEXT)


def plan_load(request: PlanRequest) -> Load:
    """Return the load of planning a family."""
    size = sum(_size(catalog) for catalog in (*request.catalogs, *request.shared))
    return Load(seconds=_PLANNED * size / _ROW, rank=_FIRST)


def wheel_load(project: Project, product: Product) -> Load:
    """Return the load of building a wheel, if nothing of it can be reused."""
    outline = read_outline(project.outline(product))
    if outline is None:
        return Load()
    return Load(seconds=_PACKED * outline.members + _DEFLATED * outline.bytes, rank=_LAST, outline=outline)


def helpful(outline: Outline | None, project: Project) -> Iterable[Path]:
    """Yield the receipts of wheels that may share contents with the one of ``outline``, most of them first."""
    found = []
    for other in project.products.products:
        if other.holds_artifacts:
            theirs = read_outline(project.outline(other))
            share = outline.shared_with(theirs) if outline and theirs else 1.0
            found.append((-share, project.receipt(other)))
    return (receipt for share, receipt in sorted(found) if share)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
