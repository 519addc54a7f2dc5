"""What the specs know of Windows: DLLs of the system, Microsoft's runtime, and loads that no import table tells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import msgspec

from tools.errors import UserError
from tools.values import read_toml

SYSTEM_LIBRARIES = "system_libraries.toml"
RUNTIME_LOADS = "runtime_loads.toml"
PATHS = "paths.toml"

Kind = Literal["system", "runtime", "never"]


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """DLLs that no wheel brings."""

    names: tuple[str, ...]  # patterns, in lower case
    reason: str


class Load(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a DLL opens by name at run time."""

    user: str  # "core:bin/hiprtc*.dll": package, and pattern below its platform package
    loads: str  # the same
    reason: str


class _System(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    system: tuple[Names, ...]
    runtime: tuple[Names, ...]
    never: tuple[Names, ...] = ()


class _Paths(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    budget: int


class _Loads(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    load: tuple[Load, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """All files, as one value."""

    system: tuple[Names, ...] = ()
    runtime: tuple[Names, ...] = ()
    never: tuple[Names, ...] = ()
    loads: tuple[Load, ...] = ()
    path_budget: int = 180  # UTF-16 units of a path below site-packages

    def kind(self, library: str) -> tuple[Kind, str] | None:
        """Return what a DLL of this name is, and why, or None for one that is not Windows's or Microsoft's."""
        name = library.lower()
        kinds: tuple[tuple[Kind, tuple[Names, ...]], ...] = (
            ("never", self.never),
            ("system", self.system),
            ("runtime", self.runtime),
        )
        for kind, groups in kinds:
            for group in groups:
                if any(fnmatchcase(name, pattern) for pattern in group.names):
                    return kind, group.reason
        return None


def read_lists(directory: Path) -> Lists:
    """Return what the files in ``packaging_specs/windows/`` say.

    :raises UserError: when a file is missing or not of the right shape.
    """
    system = read_toml(directory / SYSTEM_LIBRARIES, _System)
    loads = read_toml(directory / RUNTIME_LOADS, _Loads).load
    _check(directory / RUNTIME_LOADS, loads)
    budget = read_toml(directory / PATHS, _Paths).budget
    return Lists(system=system.system, runtime=system.runtime, never=system.never, loads=loads, path_budget=budget)


def _check(path: Path, loads: tuple[Load, ...]) -> None:
    for number, load in enumerate(loads):
        for key, value in (("user", load.user), ("loads", load.loads)):
            if not re.fullmatch(r"[a-z]+:[^:]+\.dll", value):
                raise UserError(
                    f"{path}: load[{number}].{key}: {value!r} is not PACKAGE:PATTERN of a DLL, like 'core:bin/hip*.dll'"
                )
