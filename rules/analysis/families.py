"""Whose wheels an artifact belongs to, which families are built, and what of them must be there: names alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rules.loading.artifact_names import ArtifactName
from rules.loading.spec_table import suggestion
from tools.errors import UserError, listed
from tools.plan.spec import GENERIC, PackageSpec, Specs
from tools.plan.targets import gaps
from tools.platform.tags import SYSTEMS


def by_target(specs: Specs) -> bool:
    """Say whether the layout has a wheel for each GFX target, with its feature variants."""
    return any("target" in cut.per for cut in specs.cuts)


def scope_of(artifact: ArtifactName, specs: Specs) -> str:
    """Return whose wheels the artifact belongs to: generic, its family, or its base GFX target."""
    return artifact.family.partition(":")[0] if by_target(specs) else artifact.family


def claims(package: PackageSpec, artifact: ArtifactName) -> bool:
    """Say whether the package claims files of the artifact's component."""
    return package.claims_component(artifact.name, artifact.component)


def members_of(family: str, specs: Specs) -> tuple[str, ...]:
    """Return the GFX targets that a family's name, or a target's own, stands for; nothing for an unknown name."""
    return tuple(target.name for target in specs.targets if family in (target.name, *target.families))


def families_of_targets(specs: Specs, built: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Return each family that has some of the ``built`` targets, and which; none where wheels are per family."""
    if not by_target(specs):
        return []
    families = sorted({family for target in specs.targets if target.name in built for family in target.families})
    return [(family, tuple(name for name in built if name in members_of(family, specs))) for family in families]


class Misfit(NamedTuple):
    """Artifacts that no wheel of the layout can be made of."""

    artifacts: tuple[ArtifactName, ...]
    problem: str  # a sentence that names them


def misfits(specs: Specs, artifacts: Sequence[ArtifactName]) -> tuple[Misfit, ...]:
    """Return the artifacts that no wheel can be made of, by the first reason there is."""
    found: list[Misfit] = []
    for find in (_of_several, _without_host, _unknown) if by_target(specs) else (_variants, _unknown):
        misfit = find(specs, artifacts)
        if misfit.artifacts:
            found.append(misfit)
            artifacts = [artifact for artifact in artifacts if artifact not in misfit.artifacts]
    return tuple(found)


def needed(specs: Specs, artifacts: Sequence[ArtifactName], families: Sequence[str]) -> tuple[str, ...]:
    """Return the artifacts that the wheels of these families are planned from."""
    scopes = {GENERIC, *families}
    return tuple(
        str(artifact)
        for artifact in artifacts
        if scope_of(artifact, specs) in scopes and any(claims(package, artifact) for package in specs.packages)
    )


def without_platform(specs: Specs, artifacts: Sequence[ArtifactName]) -> Misfit:
    """Return the artifacts of families none of whose targets is supported on the platform."""
    supported = {
        name for target in specs.targets if specs.system in target.platforms for name in (target.name, *target.families)
    }
    known = {name for target in specs.targets for name in (target.name, *target.families)}
    found = tuple(a for a in artifacts if a.family.partition(":")[0] in known - supported)
    families = listed(scope_of(artifact, specs) for artifact in found)
    return Misfit(found, f"artifacts of {families}: targets.toml does not name {SYSTEMS[specs.system]} for them")


def chosen_families(specs: Specs, artifacts: Sequence[ArtifactName], wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the families or targets to build, sorted: all that artifacts are there for, or the ``wanted`` ones.

    :raises UserError: when one of these has no artifact.
    """
    present = sorted({scope_of(artifact, specs) for artifact in artifacts} - {GENERIC})
    chosen: set[str] = set()
    for name in wanted:
        found = {name, *(members_of(name, specs) if by_target(specs) else ())} & set(present)
        if not found:
            hint = suggestion(name, present) or f"; there are artifacts of {listed(present) or 'no family'}"
            raise UserError(f"families: {name!r} has no artifacts{hint}")
        chosen |= found
    return tuple(sorted(chosen)) if wanted else tuple(present)


def expected_targets(specs: Specs, wanted: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the targets that the ``wanted`` families name, each with the artifacts that are not built for it."""
    if not by_target(specs):
        return {}
    without = {target.name: target.without for target in specs.targets}
    named = {target for name in wanted for target in members_of(name, specs) or (name,)}
    return {target: without.get(target, ()) for target in sorted(named)}


def device_gaps(
    specs: Specs, artifacts: Sequence[ArtifactName], expected: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """Return a sentence for each expected target that lacks an artifact which another target has."""
    found: dict[str, set[str]] = {}
    for artifact in _of_targets(specs, artifacts):
        found.setdefault(scope_of(artifact, specs), set()).add(artifact.name)
    return tuple(gaps(found, expected))


def family_gaps(specs: Specs, artifacts: Sequence[ArtifactName], families: Sequence[str]) -> tuple[str, ...]:
    """Return a sentence for each family whose own wheel lacks an artifact which another family's has."""
    own = [p for p, cut in zip(specs.packages, specs.cuts, strict=True) if p.rule == "wheel" and "family" in cut.per]
    found: dict[str, set[str]] = {family: set() for family in families}
    for artifact in artifacts:
        if artifact.family in found and any(claims(package, artifact) for package in own):
            found[artifact.family].add(artifact.name)
    return tuple(gaps(found, {family: _built_without(specs, family) for family in families}))


def _built_without(specs: Specs, family: str) -> tuple[str, ...]:
    """Return the artifacts that are built for none of a family's targets."""
    each = [set(target.without) for target in specs.targets if family in {target.name, *target.families}]
    return tuple(sorted(set.intersection(*each))) if each else ()


def _variants(specs: Specs, artifacts: Sequence[ArtifactName]) -> Misfit:
    found = tuple(artifact for artifact in artifacts if ":" in artifact.family)
    return Misfit(
        found,
        f"artifacts of {listed(artifact.family for artifact in found)}: a feature variant has no wheel of its own in "
        f"the {specs.layout} layout; use layout=kpack-split, or leave them out",
    )


def _unknown(specs: Specs, artifacts: Sequence[ArtifactName]) -> Misfit:
    known = {GENERIC, *(name for target in specs.targets for name in (target.name, *target.families))}
    found = tuple(artifact for artifact in artifacts if artifact.family.partition(":")[0] not in known)
    strange = sorted({scope_of(artifact, specs) for artifact in found})
    hint = suggestion(strange[0], known) if strange else ""
    hint = hint or "; add their targets to targets.toml, or leave the artifacts out"
    return Misfit(found, f"artifacts of {listed(strange)}: no such family or target in targets.toml{hint}")


def _of_several(specs: Specs, artifacts: Sequence[ArtifactName]) -> Misfit:
    found = tuple(artifact for artifact in artifacts if "-" in scope_of(artifact, specs))
    return Misfit(
        found,
        f"artifacts of {listed(scope_of(artifact, specs) for artifact in found)}: the {specs.layout} layout has one "
        "device wheel a GFX target, and these are families of several; use layout=per-family",
    )


def _without_host(specs: Specs, artifacts: Sequence[ArtifactName]) -> Misfit:
    names = {str(artifact) for artifact in artifacts}
    found = tuple(
        artifact
        for artifact in _of_targets(specs, artifacts)
        if f"{artifact.name}_{artifact.component}_{GENERIC}" not in names
    )
    return Misfit(
        found,
        f"artifacts of one target without their neutral ones: {listed(found)}; the {specs.layout} layout "
        f"takes host code from NAME_COMPONENT_{GENERIC}; add these, or use layout=per-family for libraries with "
        "their device code inside",
    )


def _of_targets(specs: Specs, artifacts: Sequence[ArtifactName]) -> list[ArtifactName]:
    """Return the artifacts that device wheels are made of."""
    device = [p for p, cut in zip(specs.packages, specs.cuts, strict=True) if "target" in cut.per]
    return [a for a in artifacts if a.family != GENERIC and any(claims(package, a) for package in device)]
