"""The ROCm packages that are installed beside this one, and the family of GPUs they are for."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from rocm_sdk import _family, _gpus
from rocm_sdk._facts import PackageFacts, core_is_missing, facts

try:
    from rocm_sdk_core import _places, _remedy
    from rocm_sdk_core._errors import SdkError, listed
except ModuleNotFoundError as error:
    if error.name != "rocm_sdk_core":
        raise
    raise ModuleNotFoundError(core_is_missing(), name="rocm_sdk_core") from None


@dataclass(frozen=True)
class Installed:
    """A ROCm wheel as it says itself what it is, and the site directory it is in."""

    site: Path
    package: str
    family: str
    distribution: str
    version: str
    platform_package: str
    scripts: Mapping[str, Mapping[str, Any]]

    @property
    def directory(self) -> Path:
        return self.site / self.platform_package


class UndecidedFamily(ModuleNotFoundError, SdkError):
    """A package is installed for several families and nothing says which; programs catch either class."""


NAMED = 4  # extras written out as commands; more are a list
KEYS = [field.name for field in fields(Installed) if field.name != "site"]


def installed() -> list[Installed]:
    """Return every ROCm wheel that can be imported, those that come first on ``sys.path`` first."""
    return [
        Installed(site=Path(wheel.site), **{name: wheel.facts[name] for name in KEYS}) for wheel in _places.wheels()
    ]


def package_directory(package: str) -> Path:
    """Return the platform directory of ``package``, for the chosen family if there is one a family.

    :raises ModuleNotFoundError: when it is not installed; it says what to install.
    :raises UndecidedFamily: when it is installed for several families and nothing says which to take.
    """
    described = facts().packages.get(package)
    wheels = {wheel.family: wheel for wheel in installed() if wheel.package == package}
    if described is None or not wheels:
        raise ModuleNotFoundError(absence(package, _what(package)))
    if described.per != "family":
        return next(iter(wheels.values())).directory
    return wheels[chosen_family(sorted(wheels), package).families[0]].directory


def chosen_family(families: list[str], package: str) -> _family.Choice:
    """Return which of ``families``, for which ``package`` is installed, is meant.

    :raises ModuleNotFoundError: when the variable names one that is not installed.
    :raises UndecidedFamily: when there are several, and no variable, no GPU and no default of the build says which.
    """
    if named := os.environ.get(_family.VARIABLE, "").strip():
        return _named_family(named, families, package)
    if len(families) == 1:
        return _family.Choice(tuple(families), "the only one installed")
    gpus = _gpus.gpu_targets()
    fitting = [family for family in _family.families_of_gpus(gpus, facts()) if family in families]
    if len(fitting) == 1:
        return _family.Choice(tuple(fitting), f"GPU found: {', '.join(gpus)}")
    if facts().default_family in families:
        return _family.Choice((str(facts().default_family),), "the default of this build")
    gpu = "no GPU of just one of them" if gpus else "no AMD GPU"
    raise UndecidedFamily(
        f"{_what(package)} is installed for {len(families)} families ({listed(families)}), and {gpu} was "
        f"found; set {_family.VARIABLE} to one of them"
    )


def absence(package: str, name: str) -> str:
    """Return what to do about a package that is not there; without its directory alone installers take it for there."""
    lost = [text for text in _places.lost(_places.wheels()) if _what(package) in text]
    return lost[0] if lost else f"{name} is not installed; {advice(package)}"


def advice(package: str, family: str | None = None) -> str:
    """Return how to install ``package``, for ``family`` or by all the extras that have it in their name."""
    build = facts()
    families = (family,) if family else build.families
    extras = [f"{package}-{name}".lower() for name in families]
    offered = [extra for extra in (package, *extras) if extra in build.extras]
    if not offered:
        return f"install it with: {install_command([f'{_what(package)}=={build.version}'])}"
    if len(offered) > NAMED:
        return f"install one of the extras of rocm=={build.version}: {listed(offered)}"
    return f"install it with: {install_command(*([f'rocm[{extra}]=={build.version}'] for extra in offered))}"


def install_command(*choices: Sequence[str]) -> str:
    """Return the command that installs something beside core: for each choice of requirements one."""
    site = os.path.dirname(os.path.dirname(_places.__file__))  # noqa: PTH120
    return _remedy.told(*(_remedy.command(site, choice, again=False) for choice in choices))


def _named_family(named: str, families: list[str], package: str) -> _family.Choice:
    try:
        wanted = _family.named_families(named, facts())
    except _family.UnknownFamily as error:
        raise SdkError(str(error)) from None
    for family in wanted:
        if family in families:
            return _family.Choice((family,), f"{_family.VARIABLE} is {named}")
    raise ModuleNotFoundError(
        f"{_family.VARIABLE} is {named}, but {_what(package)} is installed for {listed(families)}; "
        f"unset it, or {advice(package, wanted[0])}"
    )


def _what(package: str) -> str:
    described: PackageFacts | None = facts().packages.get(package)
    return described.distribution.replace("-{family}", "") if described else package
