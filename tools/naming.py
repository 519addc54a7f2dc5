"""Names: from a package and whose wheel it is to what pip, site-packages and dist see, and back.

No other module makes such names or takes them apart. For the package ``libraries`` and the family ``gfx94X-dcgpu``:

=================  =====================================================================
distribution       ``rocm-sdk-libraries-gfx94X-dcgpu``
project            ``rocm-sdk-libraries-gfx94x-dcgpu``
import name        ``rocm_sdk_libraries_gfx94X_dcgpu``
platform package   ``_rocm_sdk_libraries_gfx94X_dcgpu``
dist-info          ``rocm_sdk_libraries_gfx94x_dcgpu-10.1.0.dist-info``
file               ``rocm_sdk_libraries_gfx94x_dcgpu-10.1.0-py3-none-linux_x86_64.whl``
extra              ``libraries-gfx94x-dcgpu``
=================  =====================================================================
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from packaging.tags import Tag
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    NormalizedName,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from tools.plan.spec import GENERIC, PackageSpec, Specs

WHEEL, SDIST = ".whl", ".tar.gz"  # endings of file names (PEP 427, PEP 625)
DIST_INFO = ".dist-info"
EACH = "{family}"  # a scope that stands for each family or target in its turn, in the facts of the sdist


class Names(NamedTuple):
    """How one file of the dist and its directories in site-packages are called."""

    distribution: str  # as METADATA writes it, capitals and all
    version: str
    import_name: str
    platform_package: str  # of the package that it overlays, where it does
    dist_info: str
    filename: str


class FileName(NamedTuple):
    """What the name of a wheel or an sdist says."""

    project: NormalizedName
    version: Version
    tags: frozenset[Tag]  # of a wheel

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platform tags, sorted."""
        return tuple(sorted({tag.platform for tag in self.tags}))


def names_of(package: PackageSpec, scope: str, specs: Specs, *, version: str, platform_tag: str) -> Names:
    """Return the names of a package's wheel or sdist in ``scope``: generic, a family, or a GFX target.

    A carried wheel has its file's name and version.
    """
    distribution = distribution_name(package.distribution, scope)
    base = specs.package(package.overlays).distribution if package.overlays else distribution
    if package.carried is not None:
        filename = package.carried.file
        version = str(read_wheel_name(filename).version)
    elif package.rule == "sdist":
        filename = f"{file_stem(distribution, version)}{SDIST}"
    else:
        filename = f"{file_stem(distribution, version)}-{wheel_tag(platform_tag)}{WHEEL}"
    return Names(
        distribution=distribution,
        version=version,
        import_name=import_name(distribution),
        platform_package=platform_package(base) + ("_common" if _is_common(package, scope, specs) else ""),
        dist_info=f"{file_stem(distribution, version)}{DIST_INFO}",
        filename=filename,
    )


def _is_common(package: PackageSpec, scope: str, specs: Specs) -> bool:
    """Say whether a wheel holds what the devel trees of all families share; ``_rocm_sdk_devel`` is one of them."""
    return package.rule == "devel" and scope == GENERIC and specs.cut(package.name).per != ("generic",)


def distribution_name(base: str, scope: str) -> str:
    """Return the distribution of ``scope``; ``base`` is that of the generic one."""
    return base if scope == GENERIC else f"{base}-{scope}"


def project_name(distribution: str) -> NormalizedName:
    """Return the form of a name by which installers compare (PEP 503); of extras, too (PEP 685)."""
    return canonicalize_name(distribution)


def import_name(distribution: str) -> str:
    """Return the import package of a distribution."""
    return distribution.replace("-", "_")


def platform_package(distribution: str) -> str:
    """Return the directory of site-packages that a distribution's files go to. RPATHs of others name it."""
    return f"_{import_name(distribution)}"


def extra_name(name: str, scope: str) -> str:
    """Return the extra of ``rocm`` that installs what the extra ``name`` stands for in ``scope``."""
    return name if scope == GENERIC else project_name(f"{name}-{scope}")


def wheel_tag(platform_tag: str) -> str:
    """Return the tag of a wheel for any Python 3 (PEP 425)."""
    return f"py3-none-{platform_tag}"


def file_stem(distribution: str, version: object) -> str:
    """Return how the file name and the dist-info directory of a distribution begin (PEP 427, PEP 625)."""
    return f"{project_name(distribution).replace('-', '_')}-{version}"


def dist_info_of(filename: str) -> str:
    """Return the metadata directory that the wheel ``filename`` must have."""
    return f"{'-'.join(filename.split('-')[:2])}{DIST_INFO}"


def is_wheel(filename: str) -> bool:
    """Say whether a file is named like a wheel."""
    return filename.endswith(WHEEL)


def is_sdist(filename: str) -> bool:
    """Say whether a file is named like an sdist."""
    return filename.endswith(SDIST)


def read_wheel_name(filename: str) -> FileName:
    """Return what the name of a wheel says.

    :raises ValueError: when it is none; the text says why.
    """
    project, version, _, tags = parse_wheel_filename(filename)
    return FileName(project, version, tags)


def read_sdist_name(filename: str) -> FileName:
    """Return what the name of an sdist says.

    :raises ValueError: when it is none; the text says why.
    """
    project, version = parse_sdist_filename(filename)
    return FileName(project, version, frozenset())


def read_name(filename: str) -> FileName | None:
    """Return what the name of a wheel or an sdist says, None for any other name."""
    try:
        if is_wheel(filename):
            return read_wheel_name(filename)
        return read_sdist_name(filename) if "/" not in filename else None
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None


def newest(filenames: Iterable[str]) -> list[str]:
    """Return the newest wheel of each project for each Python and platform, and its newest sdist; no other names."""
    found: dict[tuple[str, frozenset[Tag]], tuple[Version, str]] = {}
    for filename in sorted(filenames):
        if name := read_name(filename):
            key = name.project, name.tags
            if key not in found or name.version > found[key][0]:
                found[key] = name.version, filename
    return sorted(filename for _, filename in found.values())


def told_names(*dists: Iterable[str]) -> dict[str, str]:
    """Return what people are told instead of each file name, the same for versions of the same in several dists.

    That is the project; with the platform where a dist has several files of the project; with the whole tag where
    that, too, is the same for several.
    """
    read = [{filename: name for filename in dist if (name := read_name(filename))} for dist in dists]
    several = _repeated([name.project for name in names.values()] for names in read)
    alike = _repeated([(name.project, name.platforms) for name in names.values()] for names in read)
    told = {}
    for filename, name in (one for names in read for one in names.items()):
        tag = ".".join(name.platforms) or "sdist"
        if (name.project, name.platforms) in alike:
            tag = "-".join(filename.removesuffix(WHEEL).split("-")[-3:])
        told[filename] = f"{name.project} ({tag})" if name.project in several else name.project
    return told


def _repeated(groups: Iterable[Iterable[object]]) -> set[object]:
    """Return what is there more than once in one of the groups."""
    return {one for group in groups for one, count in Counter(group).items() if count > 1}
