"""Whose wheels are planned, and what they can lean on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tools.plan.spec import Specs
from tools.platform.model import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose wheels are planned: a family's, a target's, or the generic ones."""

    family: str
    specs: Specs
    platform: Platform
    platform_packages: Mapping[str, str]  # package -> platform package, of every wheel that can be installed with these
    made: frozenset[str]  # packages that have a wheel in this scope
    devel: str  # the package that holds development files

    def rpaths(self, package: str) -> tuple[tuple[str, str], ...]:
        """Return (platform package, directory) of each place where a package's files search for libraries."""
        spec = self.specs.package(package)
        there = self.platform_packages
        return tuple((there[r.package], r.directory) for r in spec.rpaths if r.package in there)

    def required(self, package: str) -> set[str]:
        """Return the packages that are installed wherever ``package`` is."""
        names = {spec.name: spec for spec in self.specs.packages}
        found: set[str] = set()
        pending = list(names[package].requires)
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending.extend(names[name].requires)
        return found
