"""What the specs say that a dist is checked against: system libraries, GFX targets, size budgets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from tools.values import read_toml

SYSTEM_LIBRARIES = "system_libraries.toml"


class SystemLibrary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A library that wheels need and do not bring."""

    name: str  # SONAME
    reason: str


class SystemLibraries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``system_libraries.toml``."""

    library: tuple[SystemLibrary, ...]


class _Target(msgspec.Struct, frozen=True):
    families: tuple[str, ...]


class _Package(msgspec.Struct, frozen=True):
    rule: str = ""
    size_budget: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What verification knows beside the dist."""

    system: frozenset[str] = frozenset()  # SONAMEs
    families: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # GFX target -> families besides its own name
    budgets: Mapping[str, int] = field(default_factory=dict)  # package -> bytes of a finished wheel
    devel: frozenset[str] = frozenset()  # packages of development files


def read_policy(specs: Path, more_libraries: Iterable[Path] = ()) -> Policy:
    """Return what ``packaging_specs/`` says; ``more_libraries`` are further lists of system libraries.

    :raises UserError: when a file is missing or not of the right shape.
    """
    lists = [read_toml(path, SystemLibraries) for path in (specs / SYSTEM_LIBRARIES, *more_libraries)]
    targets = read_toml(specs / "targets.toml", dict[str, _Target])
    packages = {path.stem: read_toml(path, _Package) for path in sorted((specs / "packages").glob("*.toml"))}
    return Policy(
        system=frozenset(library.name for one in lists for library in one.library),
        families={name: target.families for name, target in targets.items()},
        budgets={name: one.size_budget for name, one in packages.items() if one.size_budget is not None},
        devel=frozenset(name for name, one in packages.items() if one.rule == "devel"),
    )
