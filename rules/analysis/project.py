"""What this run builds, and where: settings, artifact names and specs together; no payload is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from rules.analysis.families import needed, scope_of
from rules.analysis.products import Products, find_products
from rules.engines.engine import Engine, make_engine
from rules.loading.artifact_names import ArtifactName, list_artifacts
from rules.loading.artifact_platform import tag_of_artifacts
from rules.loading.release import development_version, read_release
from rules.loading.settings import Settings
from rules.loading.source import ARCHIVES, RELEASE, GivenSource, find_source
from rules.loading.spec_table import suggestion
from rules.loading.specs import layout_for, load_specs
from tools.artifact.source import ArtifactSource, LocalSource
from tools.errors import UserError, listed
from tools.plan.product import Product
from tools.plan.spec import GENERIC, Specs
from tools.platform.tags import LINUX, TAGS, WINDOWS, system_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Everything that the rules need to declare tasks."""

    settings: Settings
    specs_dir: Path
    source: ArtifactSource  # where the artifacts come from
    artifacts: tuple[ArtifactName, ...]
    version: str  # of the wheels, normalised (PEP 440)
    platform_tag: str  # of the wheels
    specs: Specs
    products: Products
    engine: Engine

    @property
    def is_sample(self) -> bool:
        """Say whether the artifacts are the embedded sample, which a task makes."""
        return self.settings.artifact_dir is None

    @property
    def carried_dir(self) -> Path:
        """Where wheels of other projects are kept: apart from what is built, for they come from a package index."""
        return self.specs_dir.parent / ".carried"

    @property
    def state(self) -> Path:
        """doit's record of finished tasks."""
        return self.settings.build_dir / "state.sqlite3"

    @property
    def written(self) -> tuple[Path, ...]:
        """The directories whose files come about one by one, each in one step."""
        build = self.settings.build_dir
        return *(build / part for part in ("catalog", "plan", "wheel", ARCHIVES)), self.settings.dist_dir

    def catalog(self, artifact: str) -> Path:
        """The catalog of an artifact."""
        return self.settings.build_dir / "catalog" / f"{artifact}.json"

    def signatures(self, artifact: str) -> Path:
        """What an artifact was when it was cataloged: stat signatures, or what an archive is known by."""
        return self.settings.build_dir / "catalog" / f"{artifact}.signatures"

    def plan(self, product: Product) -> Path:
        """The plan of one wheel or sdist."""
        return self.settings.build_dir / "plan" / product.family / f"{product.package}.json"

    def outline(self, product: Product) -> Path:
        """The outline of a wheel's plan."""
        return self.plan(product).with_suffix(".outline")

    def product_dir(self, product: Product) -> Path:
        """The directory that holds one wheel or sdist and its receipt."""
        return self.settings.build_dir / "wheel" / product.family / product.package

    def receipt(self, product: Product) -> Path:
        """The receipt of one wheel or sdist."""
        return self.product_dir(product) / "receipt.json"


def load_project(
    specs_dir: Path,
    settings: Settings,
    held: Callable[[], Sequence[int]] = tuple,
    *,
    asks: bool = True,
    needs_artifacts: bool = True,
) -> Project:
    """Return the project that ``settings`` describe; ``held`` is for the engine.

    A URL is listed anew if the run ``asks``, else only when nothing is kept of it. A run that does not need the
    artifacts goes without any where they cannot be found.

    :raises UserError: when artifacts, specs or settings make no sense, alone or together.
    """
    _check_places(settings)
    if settings.shards and settings.store is None:
        raise UserError("shards: needs store=..., where the shards put their wheels")
    tag = settings.platform_tag or _tag_of(settings)
    try:
        given = (_given if settings.artifact_dir else _sample)(specs_dir, settings, system_of(tag), asks)
        products = _products(given, settings, tag, settings.families)
        _check_default(settings, given.specs, products)
        source = given.found.wanting(needed(given.specs, products.artifacts, products.families), settings.build_dir)
    except UserError:
        if needs_artifacts:
            raise
        given = _without(specs_dir, settings, system_of(tag))
        products, source = _products(given, settings, tag, ()), given.found.source
    return Project(
        settings=settings,
        specs_dir=specs_dir,
        source=source,
        artifacts=products.artifacts,
        version=given.version,
        platform_tag=tag,
        specs=given.specs,
        products=products,
        engine=make_engine(settings, held),
    )


def sample_directory(settings: Settings, specs: Specs) -> Path:
    """Return where the artifacts of the embedded sample are."""
    place = specs.layout if specs.system == LINUX else f"{specs.layout}-windows"
    return settings.build_dir / "sample" / place


def _check_places(settings: Settings) -> None:
    """Artifacts are only read: what was written among them would be taken for one of them by the next run."""
    if not isinstance(settings.artifact_dir, Path):
        return
    artifacts = settings.artifact_dir.resolve()
    places = {"build_dir": settings.build_dir, "dist_dir": settings.dist_dir}
    if settings.store and "://" not in settings.store:
        places["store"] = Path(settings.store)
    for name, place in places.items():
        if place.resolve().is_relative_to(artifacts):
            raise UserError(f"{name}: {place} lies in artifact_dir, which is never written to; name a place elsewhere")


def _products(given: _Given, settings: Settings, tag: str, families: Sequence[str]) -> Products:
    return find_products(
        given.specs,
        given.artifacts,
        version=given.version,
        platform_tag=tag,
        families=families,
        strict=settings.strict,
    )


def _check_default(settings: Settings, specs: Specs, products: Products) -> None:
    """A default that is no family of the artifacts would leave `rocm[libraries]` without a meaning."""
    default = settings.default_family
    families = {scope_of(artifact, specs) for artifact in products.artifacts} - {GENERIC}
    families |= {*settings.linux_amdgpu_families, *settings.windows_amdgpu_families}
    if default is not None and default not in families:
        found = listed(families) or "no family"
        hint = suggestion(default, sorted(families)) or f"; there are artifacts of {found}"
        raise UserError(f"default_family: {default!r} has no artifacts{hint}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """What there is before a build is worked out."""

    found: GivenSource
    artifacts: tuple[ArtifactName, ...]
    version: str
    specs: Specs


_REASONS = {
    True: (
        "the artifacts were built with KPACK_SPLIT_ARTIFACTS, so host code is there once for all families, and its "
        "programs would need libraries of one"
    ),
    False: (
        "the artifacts were built without KPACK_SPLIT_ARTIFACTS, so their libraries have the device code of a family "
        "inside"
    ),
}


def _tag_of(settings: Settings) -> str:
    """Return the tag of wheels made of these artifacts, where nobody names one."""
    return tag_of_artifacts(settings.artifact_dir) if settings.artifact_dir else TAGS[LINUX]


def _given(specs_dir: Path, settings: Settings, system: str, asks: bool) -> _Given:
    place = settings.artifact_dir or Path()
    found = find_source(place, settings.build_dir, strict=settings.strict, asks=asks)
    source = found.source
    artifacts = list_artifacts(source)
    if settings.version and settings.layout and not isinstance(place, Path):  # nothing needs to be fetched
        specs = load_specs(specs_dir, settings.layout, system)
        return _Given(found=found, artifacts=artifacts, version=settings.version, specs=specs)
    kept = settings.build_dir / ARCHIVES / RELEASE
    release = read_release(source, settings.version, kept, settings.store)
    specs = load_specs(specs_dir, settings.layout or layout_for(specs_dir, bool(release.kpack_split)), system)
    if release.kpack_split is not None and specs.kpack_split != release.kpack_split:
        raise UserError(f"layout: {specs.layout} cannot be made of {source}: {_REASONS[release.kpack_split]}")
    return _Given(found=found, artifacts=artifacts, version=release.version, specs=specs)


def _without(specs_dir: Path, settings: Settings, system: str) -> _Given:
    specs = load_specs(specs_dir, settings.layout or layout_for(specs_dir, kpack_split=False), system)
    return _Given(found=GivenSource(LocalSource(Path())), artifacts=(), version=settings.version or "0", specs=specs)


def _sample(specs_dir: Path, settings: Settings, system: str, asks: bool) -> _Given:
    from tools.sample import embedded

    specs = load_specs(specs_dir, settings.layout or layout_for(specs_dir, kpack_split=False), system)
    artifacts = tuple(sorted(ArtifactName.parse(name) for name in sample_of(system).ARTIFACTS[specs.layout]))
    version = settings.version or development_version(embedded.VERSION, "the embedded sample")
    found = GivenSource(LocalSource(sample_directory(settings, specs)))
    return _Given(found=found, artifacts=artifacts, version=version, specs=specs)


def sample_of(system: str) -> ModuleType:
    """Return the module that makes the embedded sample for a system, and names its artifacts."""
    if system == WINDOWS:
        from tools.sample import windows

        return windows
    from tools.sample import embedded

    return embedded
