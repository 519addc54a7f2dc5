"""Whose wheels are planned, and what that means for files and names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tools.catalog.model import Entry
from tools.plan.spec import Specs


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose wheels are planned: a family's, a target's, or the generic ones."""

    family: str
    specs: Specs
    platforms: Mapping[str, str]  # package -> platform package, of every wheel that can be installed with these
    made: frozenset[str]  # packages that have a wheel in this scope
    machine: int  # e_machine of the files that the wheels are for
    devel: str  # the package that holds development files

    def rpaths(self, package: str) -> tuple[tuple[str, str], ...]:
        """Return (platform package, directory) of each place where a package's files search for libraries."""
        spec = self.specs.package(package)
        return tuple((self.platforms[r.package], r.directory) for r in spec.rpaths if r.package in self.platforms)

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


def is_program(entry: Entry) -> bool:
    """Say whether a file is started by users: an ELF program, or a script with an exec bit."""
    return entry.mode == 0o755 and (entry.script or (entry.elf is not None and entry.elf.is_program))


def soname(entry: Entry, scope: Scope) -> str:
    """Return the SONAME that the host's loader looks for; "" for anything but its shared libraries."""
    elf = entry.elf
    if elf is None or elf.machine != scope.machine or not elf.is_library or "/" in (elf.soname or ""):
        return ""
    return elf.soname or ""
