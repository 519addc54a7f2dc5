"""Which platform artifacts are for. Nothing in an artifact says so: it shows in names, of their place or of files."""

from __future__ import annotations

from tools.artifact.source import ArtifactSource
from tools.errors import UserError
from tools.platform.tags import LINUX, SYSTEMS, TAGS, WINDOWS

ARTIFACT = "core-hip_lib_generic"  # has HIP's runtime library on every platform
_PLACES = {"-linux": LINUX, "-windows": WINDOWS}  # ends of directory names: TheRock's CI has the platform there


def tag_of_artifacts(source: ArtifactSource) -> str:
    """Return the platform tag for wheels that are made of these artifacts; Linux's where nothing tells.

    :raises UserError: when they hold HIP's libraries for both.
    """
    for ending, system in _PLACES.items():
        if source.directory.name.endswith(ending):
            return TAGS[system]
    found = _systems(source) if source.has(ARTIFACT) else set()
    if len(found) > 1:
        raise UserError(
            f"{source.open(ARTIFACT).place}: has libraries for {' and '.join(SYSTEMS[one] for one in sorted(found))}; "
            "artifacts of two platforms lie in one place: fetch them into two"
        )
    return TAGS[found.pop()] if found else TAGS[LINUX]


def _systems(source: ArtifactSource) -> set[str]:
    artifact = source.open(ARTIFACT)
    names = {
        name for base in artifact.base_dirs() for part in ("bin", "lib") for name in artifact.names(f"{base}/{part}")
    }
    endings = {WINDOWS: lambda name: name.endswith(".dll"), LINUX: lambda name: ".so" in name}
    return {system for system, is_of in endings.items() if any(map(is_of, names))}
