"""Which wheel of a family carries the link table of the devel tree, and what stands in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tools.plan.devel import Link, Provided, link_table
from tools.plan.model import LeftOut
from tools.plan.problem import Problem
from tools.plan.product import Product, devel_root
from tools.plan.requests import PlanRequest
from tools.plan.spec import GENERIC
from tools.plan.tree import TreeRow
from tools.platform.tags import platform_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelLinks:
    """The link table of a family's wheel; ``package`` is None where no wheel of the family has one."""

    package: str | None = None
    links: tuple[Link, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    problems: tuple[Problem, ...] = ()

    def of(self, package: str) -> tuple[Link, ...] | None:
        """Return the links that the wheel of ``package`` brings, None where it brings no table."""
        return self.links if package == self.package else None


def devel_links(request: PlanRequest, rows: Sequence[TreeRow], generic: Sequence[TreeRow]) -> DevelLinks:
    """Return the link table of the family's devel root, or of the wheel that adds to another root.

    ``rows`` are those of the family's own artifacts, ``generic`` those of the generic ones.
    """
    carrier = _carrier(request)
    if carrier is None:
        return DevelLinks()
    root = devel_root(carrier, request.products)
    neutral, own = _provided(request, rows, generic)
    fold = platform_of(request.platform_tag).links_directories
    table = link_table([*neutral, *own], root, fold=fold)
    left_out = tuple(
        LeftOut(artifact=row.package, path=row.path, reason=f"a link to {row.target}, which no package provides")
        for row in table.dangling
    )
    if carrier.rule == "devel":
        return DevelLinks(package=carrier.package, links=table.links, left_out=left_out)
    paths = {row.path for row in rows}
    below = _below_folded(paths, link_table(neutral, root, fold=fold).links)
    return DevelLinks(
        package=carrier.package,
        links=tuple(link for link in table.links if link.path in paths - below.keys()),
        left_out=left_out,
        problems=tuple(Problem(reason, path) for path, reason in below.items()),
    )


def _carrier(request: PlanRequest) -> Product | None:
    """Return the wheel of the family that carries a link table, if there is one."""
    devel = [product for product in request.products if product.rule == "devel"]
    roots = [product for product in devel if product.family != GENERIC] or [
        product for product in devel if set(request.specs.cut(product.package).per) == {"generic"}
    ]
    own = [product for product in roots if product.family == request.family]
    if own:
        return own[0]
    adding = [product for product in request.wheels if request.specs.package(product.package).overlays]
    return adding[0] if adding and any(product.family == GENERIC for product in roots) else None


def _provided(
    request: PlanRequest, rows: Iterable[TreeRow], generic: Iterable[TreeRow]
) -> tuple[list[Provided], list[Provided]]:
    """Return the generic rows and the family's, each with the wheel that brings it; others lead nowhere.

    A generic file is in the generic wheel where its package has one, else in the family's.
    """
    shared = {name for spec in request.specs.packages if spec.overlays for name in (spec.name, spec.overlays)}
    of_family = _platform_packages(request.products, request.family)
    of_all = of_family | _platform_packages(request.products, GENERIC)
    return (
        [Provided(row, of_all[row.package], row.package in shared) for row in generic if row.package in of_all],
        [Provided(row, of_family[row.package], row.package in shared) for row in rows if row.package in of_family],
    )


def _platform_packages(products: Iterable[Product], family: str) -> dict[str, str]:
    return {product.package: product.platform_package for product in products if product.family == family}


def _below_folded(paths: Iterable[str], links: Iterable[Link]) -> dict[str, str]:
    """Return the paths that would be made inside another package, each with a sentence that says so."""
    found = {}
    folded = {link.path: link.platform_package for link in links}
    for path in sorted(paths):
        parts = path.split("/")
        for top in ("/".join(parts[:depth]) for depth in range(1, len(parts))):
            if top in folded:
                found[path] = (
                    f"lies below {top}, which the devel tree takes from {folded[top]} as one link; a wheel "
                    "that adds files there would write into that package"
                )
    return found
