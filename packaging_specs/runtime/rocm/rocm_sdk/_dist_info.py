"""The tables of TheRock's packages, under its names, over our facts.

AMD's rocm-bindings (it registers DLL directories), SD.Next, rocm-cli, rocprof-trace-decoder and the PyInstaller specs
of programs read them.
"""

from __future__ import annotations

import importlib.util
import os
from importlib.machinery import ModuleSpec

from rocm_sdk import _family, _gpus
from rocm_sdk._facts import Library, PackageFacts, facts

__version__ = facts().version
PY_PACKAGE_SUFFIX_NONCE = ""  # theirs ends the names of platform directories; ours have no ending
AVAILABLE_TARGET_FAMILIES: list[str] = list(facts().families)
DEFAULT_TARGET_FAMILY: str = facts().default_family or next(iter(AVAILABLE_TARGET_FAMILIES), "generic")

FAMILY = "{target_family}"  # stands for the family in a template


class PackageEntry:
    """A package: of a family where its distribution has one a family.

    ``devel`` is of no family here: ``_rocm_sdk_devel`` leads to the tree of one of those that are installed.
    """

    def __init__(self, logical_name: str, described: PackageFacts | None) -> None:
        self.logical_name = logical_name
        self._described = described
        name = described.distribution.replace("{family}", FAMILY) if described else "rocm"
        self.dist_package_template = name.replace(f"-{FAMILY}", "") if logical_name == "devel" else name
        self.pure_py_package_name = _module(name.replace(f"-{FAMILY}", "")) if described else "rocm_sdk"
        self.template_directory = name.replace(f"-{FAMILY}", "")
        self.required = logical_name in ("meta", "core")

    @property
    def is_target_specific(self) -> bool:
        return FAMILY in self.dist_package_template

    def get_dist_package_name(self, target_family: str | None = None) -> str:
        """Return what pip calls the package.

        :raises ValueError: when there is one a family and none is given.
        """
        if self.is_target_specific and target_family is None:
            raise ValueError(f"{self.dist_package_template}: there is one a target family; name one of them")
        return self.dist_package_template.replace(FAMILY, target_family or "")

    def get_dist_package_require(self, target_family: str | None = None) -> str:
        return f"{self.get_dist_package_name(target_family)}=={__version__}"

    def get_py_package_name(self, target_family: str | None = None) -> str:
        """Return the name of the platform directory, which can be imported."""
        name = self.get_dist_package_name(target_family)
        if self._described is not None and self.logical_name != "devel":
            name = self._described.platform_package[1:].replace("{family}", target_family or "")
        return "_" + _module(name)

    def get_py_package(self, target_family: str | None = None) -> ModuleSpec | None:
        """Return where the platform directory is, or None when it is not installed."""
        found = importlib.util.find_spec(self.get_py_package_name(target_family))
        if found is None and self.logical_name == "devel":
            return _devel_spec()
        return found

    def has_py_package(self, target_family: str | None = None) -> bool:
        return self.get_py_package(target_family) is not None

    def __repr__(self) -> str:
        return self.dist_package_template


class LibraryEntry:
    """A public library: its package, and a directory and a pattern in it for each system; no pattern: not there."""

    def __init__(self, library: Library) -> None:
        self.shortname = library.name
        self.package = ALL_PACKAGES[library.package]
        self.posix_relpath, _, self.so_pattern = (library.linux or "lib/").rpartition("/")
        self.windows_relpath, _, self.dll_pattern = (library.windows or "bin/").rpartition("/")

    def __repr__(self) -> str:
        return f"{self.shortname} ({self.package!r}: {self.so_pattern or None}, {self.dll_pattern or None})"


def _module(name: str) -> str:
    return name.replace("-", "_")


def _devel_spec() -> ModuleSpec | None:
    """Return the tree of an installed family where ``_rocm_sdk_devel`` was not made yet."""
    from rocm_sdk import _roots

    rooted = _roots.devel_wheels()
    return importlib.util.find_spec(rooted[-1].platform_package) if rooted else None


ALL_PACKAGES: dict[str, PackageEntry] = {"meta": PackageEntry("meta", None)} | {
    name: PackageEntry(name, described) for name, described in facts().packages.items()
}
ALL_LIBRARIES: dict[str, LibraryEntry] = {
    name: LibraryEntry(library) for name, library in facts().libraries.items() if library.package in ALL_PACKAGES
}


def discover_current_target_family() -> str | None:
    """Return the family of this machine's GPUs, or None when there is no GPU that this build has code for."""
    found = _family.families_of_gpus(_gpus.gpu_targets(), facts())
    return found[0] if found else None


def determine_target_family() -> str:
    """Return the family that is meant: of those installed if there are any, else of the build.

    :raises ValueError: when ``ROCM_SDK_TARGET_FAMILY`` names no family of the build.
    :raises ModuleNotFoundError: when it names one that is not installed, or nothing says which of several is meant.
    """
    from rocm_sdk._installed import chosen_family, installed

    if named := os.environ.get(_family.VARIABLE, "").strip():
        _family.named_families(named, facts())
    package = "device" if facts().is_split else "libraries"
    there = sorted({wheel.family for wheel in installed() if wheel.package == package} - {"generic"})
    if there:
        return chosen_family(there, package).families[0]
    choice = _family.choose(os.environ, _gpus.gpu_targets, facts())
    return choice.families[0] if choice.families else DEFAULT_TARGET_FAMILY
