"""Which wheels and sdists a set of artifacts gives: decided from names alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rules.analysis.families import (
    chosen_families,
    claims,
    device_gaps,
    expected_targets,
    family_gaps,
    misfits,
    scope_of,
    without_platform,
)
from rules.loading.artifact_names import ArtifactName
from tools.errors import UserError, listed
from tools.naming import names_of
from tools.plan.product import Product
from tools.plan.spec import GENERIC, LayoutPackage, PackageSpec, Specs


@dataclass(frozen=True, slots=True, kw_only=True)
class Products:
    """Everything a build makes, and what to tell the user about the names."""

    products: tuple[Product, ...]  # generic ones first, then by family; within, the layout's order
    families: tuple[str, ...]  # without "generic", sorted
    unclaimed: tuple[str, ...]  # artifact directories that no package claims and no row of ignored.toml names
    ignored: tuple[tuple[str, str], ...]  # artifact directory, reason
    notes: tuple[str, ...]  # sentences: packages left out, targets that lack device code
    unused: tuple[str, ...]  # sentences: claims that match nothing
    artifacts: tuple[ArtifactName, ...]  # what all this is made of: those that fit the layout
    expected: Mapping[str, tuple[str, ...]]  # GFX target named by a setting -> artifacts that are not built for it

    def of(self, family: str) -> tuple[Product, ...]:
        """Return the products of ``family``."""
        return tuple(product for product in self.products if product.family == family)

    def find(self, package: str, family: str) -> Product | None:
        """Return the product of ``package`` for ``family``, if there is one."""
        return next((p for p in self.products if (p.package, p.family) == (package, family)), None)


def find_products(
    specs: Specs,
    artifacts: Sequence[ArtifactName],
    *,
    version: str,
    platform_tag: str,
    families: Iterable[str] = (),
    strict: bool = True,
) -> Products:
    """Return what ``specs`` make of ``artifacts``.

    ``families`` limits the families; in a layout with one wheel a target it may name targets or families, and names
    what must be there.
    :raises UserError: when one of them has no artifact; if ``strict`` also when a target lacks an artifact that another
        has, or when the layout cannot be made of some artifacts, which are left out with a note otherwise.
    """
    elsewhere = without_platform(specs, artifacts)
    artifacts = tuple(artifact for artifact in artifacts if artifact not in elsewhere.artifacts)
    unfit = misfits(specs, artifacts)
    if strict and unfit:
        raise UserError("\n".join(misfit.problem for misfit in unfit))
    unfit = (*unfit, elsewhere) if elsewhere.artifacts else unfit
    aside = {artifact: misfit.problem for misfit in unfit for artifact in misfit.artifacts}
    artifacts = tuple(artifact for artifact in artifacts if artifact not in aside)
    wanted = tuple(families)
    chosen = chosen_families(specs, artifacts, wanted)
    expected = expected_targets(specs, wanted)
    if strict and (missing := device_gaps(specs, artifacts, expected)):
        raise UserError(f"families: {'; '.join(missing)}; add the artifacts, or build what is there with strict=no")
    rows = []
    for scope in (GENERIC, *chosen):
        for package, cut in zip(specs.packages, specs.cuts, strict=True):
            sources = _sources(package, cut, scope, artifacts, specs)
            if sources is not None:
                rows.append(_product(specs, package, scope, sources, version=version, platform_tag=platform_tag))
    unclaimed, ignored = _leftovers(specs, artifacts)
    every = expected_targets(specs, (*chosen, *wanted))
    return Products(
        products=tuple(rows),
        families=chosen,
        unclaimed=unclaimed,
        ignored=tuple(sorted([*ignored, *((str(artifact), problem) for artifact, problem in aside.items())])),
        artifacts=artifacts,
        notes=(
            *(f"left out, {misfit.problem}" for misfit in unfit),
            *_left_out(specs, rows),
            *device_gaps(specs, artifacts, every),
            *family_gaps(specs, artifacts, chosen),
        ),
        unused=tuple(_unused(specs, rows, artifacts)),
        expected=expected,
    )


def _sources(
    package: PackageSpec, cut: LayoutPackage, scope: str, artifacts: Sequence[ArtifactName], specs: Specs
) -> tuple[str, ...] | None:
    """Return the artifact directories of one wheel, or None where the layout or the artifacts give no such wheel."""
    if package.rule in {"sdist", "carried"}:
        return () if scope == GENERIC else None
    if (scope == GENERIC and "generic" not in cut.per) or (scope != GENERIC and set(cut.per) == {"generic"}):
        return None
    claimed = [artifact for artifact in artifacts if claims(package, artifact)]
    own = {str(artifact) for artifact in claimed if scope_of(artifact, specs) == scope}
    if not own:
        return None
    generic = {str(artifact) for artifact in claimed if artifact.family == GENERIC}
    return tuple(sorted(own | generic if "generic" in cut.takes else own))


def _product(
    specs: Specs, package: PackageSpec, scope: str, sources: tuple[str, ...], *, version: str, platform_tag: str
) -> Product:
    names = names_of(package, scope, specs, version=version, platform_tag=platform_tag)
    return Product(package=package.name, family=scope, rule=package.rule, artifacts=sources, **names._asdict())


def _leftovers(specs: Specs, artifacts: Sequence[ArtifactName]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    unclaimed, ignored = [], []
    for artifact in artifacts:
        if any(claims(package, artifact) for package in specs.packages):
            continue
        reason = next((row.reason for row in specs.ignored if _names(row.artifact, row.components, artifact)), None)
        if reason is None:
            reason = _left_out_by_layout(specs, artifact)
        if reason is None:
            unclaimed.append(str(artifact))
        else:
            ignored.append((str(artifact), reason))
    return tuple(sorted(unclaimed)), tuple(sorted(ignored))


def _left_out_by_layout(specs: Specs, artifact: ArtifactName) -> str | None:
    for package, cut in zip(specs.packages, specs.cuts, strict=True):
        if artifact.component in cut.without and any(artifact.name in claim.artifacts for claim in package.claims):
            return f"{package.name} leaves out {artifact.component} components in the {specs.layout} layout"
    return None


def _names(name: str, components: tuple[str, ...], artifact: ArtifactName) -> bool:
    return artifact.name == name and artifact.component in components


def _left_out(specs: Specs, rows: Sequence[Product]) -> Iterable[str]:
    made = {row.package for row in rows}
    for package in specs.packages:
        if package.name not in made:
            yield f"{package.name}: left out, none of its artifacts is there"


def _unused(specs: Specs, rows: Sequence[Product], artifacts: Sequence[ArtifactName]) -> Iterable[str]:
    made = {row.package for row in rows}
    there = {artifact.name for artifact in artifacts}
    for package in specs.packages:
        missing = {name for claim in package.claims for name in claim.artifacts} - there
        if missing and package.name in made and package.rule == "wheel":
            yield f"{package.name}: claims artifacts that are not there: {listed(missing)}"
