"""Which platform artifacts are for. Nothing in an artifact says so: it shows in names, of their place or of files."""

from __future__ import annotations

from pathlib import Path

from tools.artifact.source import LocalSource
from tools.errors import UserError
from tools.platform.tags import LINUX, SYSTEMS, TAGS, WINDOWS

WINDOWS_ALONE = "core-hipinfo_*"  # TheRock builds this artifact for Windows only (BUILD_TOPOLOGY.toml)
ARTIFACT = "core-hip_lib_generic"  # has HIP's runtime library on every platform
_PLACES = {"-linux": LINUX, "-windows": WINDOWS}  # ends of directory names: TheRock's CI has the platform there

_ENDINGS = {WINDOWS: lambda name: name.endswith(".dll"), LINUX: lambda name: ".so" in name}


def tag_of_artifacts(place: Path | str) -> str:
    """Return the platform tag for wheels that are made of the artifacts at a place; Linux's where nothing tells.

    Of archives names alone tell: to look into them would unpack them, or even fetch them.

    :raises UserError: when they hold HIP's libraries for both.
    """
    for ending, system in _PLACES.items():
        if str(place).rstrip("/").endswith(ending):
            return TAGS[system]
    if not isinstance(place, Path):
        return TAGS[LINUX]
    artifact = LocalSource(place).directory_of(ARTIFACT)
    if artifact is None:
        return TAGS[WINDOWS if any(place.glob(WINDOWS_ALONE)) else LINUX]
    dirs = [f"{base}/{part}" for base in artifact.base_dirs() for part in ("bin", "lib")]
    names = {name for path in dirs for name in artifact.names(path)}
    found = {system for system, is_of in _ENDINGS.items() if any(map(is_of, names))}
    if len(found) > 1:
        systems = " and ".join(SYSTEMS[one] for one in sorted(found))
        raise UserError(
            f"{artifact.place}: has libraries for {systems}; artifacts of two platforms lie in one place: fetch them "
            "into two"
        )
    return TAGS[found.pop()] if found else TAGS[LINUX]
