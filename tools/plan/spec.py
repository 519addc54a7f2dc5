"""What the packaging specs say, as values: the planner's view of ``packaging_specs/``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

COMPONENTS = ("lib", "run", "dev", "doc", "dbg", "test")  # each leaves out what an earlier one took
GENERIC = "generic"

PLATFORMS = ("linux", "win32")  # values of sys.platform

Per = Literal["generic", "family", "target"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Files that a package takes: of these artifacts and components, those a pattern includes and none excludes."""

    artifacts: tuple[str, ...]
    components: tuple[str, ...]
    include: tuple[str, ...] = ()  # empty: everything
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A console script: the program it starts, below the platform package; whether the devel tree's is preferred."""

    path: str
    devel: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rpath:
    """A directory that a package's ELF files search: ``directory`` of the platform package of ``package``."""

    package: str
    directory: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A wheel of another project that lies in dist as it was published."""

    file: str  # its name, which says project and version
    sha256: str  # hex


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSpec:
    """One file of ``packaging_specs/packages/``."""

    name: str
    rule: Literal["wheel", "devel", "sdist", "carried"]
    distribution: str  # without a family
    summary: str
    license: str  # SPDX expression (PEP 639)
    runtime: str | None  # folder of packaging_specs/runtime/ that is installed as the import package
    claims: tuple[Claim, ...] = ()
    claims_of: tuple[str, ...] = ()  # packages whose artifacts are claimed too, with all components
    requires: tuple[str, ...] = ()  # packages, pinned exactly
    rpaths: tuple[Rpath, ...] = ()  # in the order they are searched
    overlays: str | None = None  # package into whose platform package the files go
    forwarders: tuple[str, ...] = ()  # patterns of unversioned names that get a forwarder
    also_in_lib: tuple[str, ...] = ()  # patterns of libraries that lib/ gets, too, with the search path of that place
    scripts: tuple[tuple[str, Script], ...] = ()  # in order of their names
    not_exposed: tuple[str, ...] = ()  # patterns of programs in bin/ that are no console scripts
    extras: tuple[tuple[str, tuple[str, ...]], ...] = ()  # of the sdist: extra -> packages
    detection: str | None = None  # of the sdist: the package that finds the GPU
    carried: Carried | None = None  # of a package that is not built here
    size_budget: int | None = None  # bytes of a finished wheel
    platforms: tuple[str, ...] = PLATFORMS  # that have its wheels; elsewhere it claims nothing

    def claims_component(self, artifact: str, component: str) -> bool:
        """Say whether the package claims files of a component ("lib") of an artifact ("blas")."""
        return any(artifact in claim.artifacts and component in claim.components for claim in self.claims)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutPackage:
    """How a layout cuts one package into wheels."""

    package: str
    per: tuple[Per, ...]  # one wheel for each generic / family / target
    takes: tuple[Literal["generic", "own"], ...]  # whose artifacts go into a family's or a target's wheel
    without: tuple[str, ...] = ()  # components left out in this layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One GFX target of ``targets.toml``."""

    name: str  # "gfx942"
    product: str
    families: tuple[str, ...]  # besides its own name
    platforms: tuple[str, ...]  # values of sys.platform
    without: tuple[str, ...] = ()  # artifacts that are not built for it


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicLibrary:
    """One row of ``libraries.toml``: what ``rocm_sdk.find_libraries`` knows by a short name."""

    name: str
    package: str
    linux: str | None  # glob below the platform package
    windows: str | None
    optional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """An artifact's components that nobody packages, and why."""

    artifact: str
    components: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredFiles:
    """Files that no package takes, whichever artifact has them, and why."""

    path: str  # pattern
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """The artifact whose file wins where several artifacts ship different bytes for paths that match."""

    path: str  # pattern
    artifact: str  # name part of the artifact
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What every distribution says of itself, from ``project.toml``."""

    requires_python: str
    author: str
    urls: tuple[tuple[str, str], ...]  # label, URL


@dataclass(frozen=True, slots=True, kw_only=True)
class Specs:
    """All of ``packaging_specs/`` for one layout and one platform."""

    layout: str
    kpack_split: bool
    packages: tuple[PackageSpec, ...]  # of this layout, in its order
    cuts: tuple[LayoutPackage, ...]  # in the same order
    targets: tuple[Target, ...]
    libraries: tuple[PublicLibrary, ...]
    ignored: tuple[Ignored, ...]
    preferences: tuple[Preference, ...]
    about: About
    unlisted: tuple[PackageSpec, ...] = ()  # packages that this layout does not have
    ignored_files: tuple[IgnoredFiles, ...] = ()
    system: str = "linux"  # that the wheels are for, as sys.platform calls it

    def package(self, name: str) -> PackageSpec:
        """Return the package called ``name``; a KeyError is a bug, since loading checks all names."""
        return {package.name: package for package in self.packages}[name]

    def cut(self, name: str) -> LayoutPackage:
        """Return how this layout cuts the package called ``name``."""
        return {cut.package: cut for cut in self.cuts}[name]
