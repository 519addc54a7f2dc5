"""Facts of the build, from the module that it writes: version, families, packages, extras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rocm_sdk._build_facts import FACTS

Extras = Mapping[str, tuple[str, ...]]  # name or family -> requirements (PEP 508)


@dataclass(frozen=True)
class Target:
    """A GFX target: what it is sold as, and the families that have code for it."""

    product: str
    families: tuple[str, ...]


@dataclass(frozen=True)
class PackageFacts:
    """A package as the build knows it; ``{family}`` stands in names of what exists once a family."""

    distribution: str
    platform_package: str
    per: str  # "generic", "family" or "target"


@dataclass(frozen=True)
class Library:
    """A public library: where it is in its package, as a glob, or None where the system has none."""

    name: str
    package: str
    linux: str | None
    windows: str | None
    optional: bool


@dataclass(frozen=True)
class Facts:
    """What the build decided. In the kpack-split layout ``families`` are targets with device wheels."""

    version: str
    layout: str
    requires_python: str
    default_family: str | None
    families: tuple[str, ...]
    targets: Mapping[str, Target]
    packages: Mapping[str, PackageFacts]
    libraries: Mapping[str, Library]
    requires: tuple[str, ...]
    extras: Extras
    chosen_extras: Mapping[str, Extras]  # extra -> family -> requirements
    bootstrap: str | None  # requirement of AMD's GPU detection, if the distribution directory has it

    @property
    def is_split(self) -> bool:
        return self.layout == "kpack-split"


@lru_cache(maxsize=1)
def facts() -> Facts:
    """Return the facts of this build."""
    return parse_facts(FACTS)


def core_is_missing() -> str:
    """Return the sentence for an installation without the package that everything else needs, such as commands."""
    return (
        f"rocm-sdk-core is not installed; install it with: pip install rocm-sdk-core=={facts().version}, with the "
        "--index-url or --find-links that you installed from"
    )


def parse_facts(content: Mapping[str, Any]) -> Facts:
    """Return the facts that the build wrote.

    :raises KeyError: when a key is missing; the build writes them all.
    """
    return Facts(
        version=content["version"],
        layout=content["layout"],
        requires_python=content["requires_python"],
        default_family=content["default_family"],
        families=tuple(content["families"]),
        targets={
            name: Target(target["product"], tuple(target["families"])) for name, target in content["targets"].items()
        },
        packages={
            name: PackageFacts(package["distribution"], package["platform_package"], package["per"])
            for name, package in content["packages"].items()
        },
        libraries={library["name"]: Library(**library) for library in content["libraries"]},
        requires=tuple(content["requires"]),
        extras=_extras(content["extras"]),
        chosen_extras={name: _extras(extras) for name, extras in content["chosen_extras"].items()},
        bootstrap=content.get("bootstrap"),
    )


def _extras(content: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(requirements) for name, requirements in content.items()}
