"""The tree that stands for a ROCm installation: devel's if it is installed, else core's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rocm_sdk_core import _devel, _progress, _site

from rocm_sdk._facts import facts
from rocm_sdk._installed import Installed, UndecidedFamily, chosen_family, installed, package_directory


@dataclass(frozen=True)
class Root:
    """A tree that CMake and compilers take for a ROCm installation, and why this one."""

    directory: Path
    is_devel: bool
    family: str
    reason: str


def devel_wheels() -> list[Installed]:
    """Return the installed devel wheels that have a tree of their own: of the default family, then by name."""
    wheels = [wheel for wheel in installed() if wheel.package == "devel"]
    rooted = [wheel for wheel in wheels if wheel.platform_package in _site.devel_roots(str(wheel.site))]
    return sorted(rooted, key=lambda wheel: (wheel.family != facts().default_family, wheel.family))


def chosen_root() -> Root:
    """Return the root of the chosen family, made if need be, or core's directory when devel is not installed.

    :raises ModuleNotFoundError: when the variable names a family that devel is not installed for.
    :raises SdkError: when devel is there for several families and nothing says which, or cannot be made.
    """
    wheels = {wheel.family: wheel for wheel in devel_wheels()}
    if not wheels:
        return Root(package_directory("core"), False, "generic", "devel is not installed")
    if list(wheels) == ["generic"]:
        return _ready(wheels["generic"], "one tree for all families")
    wheels.pop("generic", None)  # what all families share; each family's own tree leads into it
    try:
        family, reason = chosen_family(sorted(wheels), "devel")
    except UndecidedFamily:
        led = [wheel for wheel in wheels.values() if _site.alias(str(wheel.site)) == wheel.platform_package]
        if not led:
            raise
        return _ready(led[0], f"{_site.ALIAS} leads there")
    return _ready(wheels[family[0]], reason)


def make(wheel: Installed, *, quiet: bool = False, point: bool = False) -> _devel.Summary:
    """Make the links of a devel wheel's tree; a person who waits sees a bar."""
    title = f"rocm-sdk: making {wheel.directory}"
    with _progress.bar(title, quiet=quiet) as tick:
        return _devel.make(str(wheel.site), wheel.platform_package, tick=tick, point=point)


def is_current(wheel: Installed) -> bool:
    """Return whether the tree is complete for what is installed."""
    return _site.is_current(str(wheel.site), wheel.platform_package)


def _ready(wheel: Installed, reason: str) -> Root:
    if not is_current(wheel):
        make(wheel)
    return Root(wheel.directory, True, wheel.family, reason)
