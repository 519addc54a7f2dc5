"""The embedded sample's artifacts as what wheels hold: the packages' files, by role."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tools.pe.facts import read_pe_facts
from tools.windows.search import Package

LIBRARIES = ("blas", "fft", "hipdnn", "miopen", "miopenprovider", "rand")
CORE_COMPONENTS, LIBRARY_COMPONENTS = ("lib", "run"), ("lib",)


def package_files(artifacts: Path, family: str) -> dict[str, dict[str, Path]]:
    """Return role -> path below the platform package -> file, of generic artifacts and those of ``family``."""
    files: dict[str, dict[str, Path]] = {"core": {}, "libraries": {}}
    for artifact in sorted(artifacts.iterdir()):
        part, _, of = artifact.name.rpartition("_")
        name, _, component = part.rpartition("_")
        role = "libraries" if name in LIBRARIES else "core"
        components = LIBRARY_COMPONENTS if role == "libraries" else CORE_COMPONENTS
        if of in ("generic", family) and component in components:
            files[role] |= _files(artifact)
    return files


def packages(files: Mapping[str, Mapping[str, Path]]) -> list[Package]:
    """Return the PE files among them, as wheels that require each other."""
    requires: dict[str, tuple[str, ...]] = {"core": (), "libraries": ("rocm-sdk-core",)}
    return [
        Package(
            name=f"rocm-sdk-{role}",
            role=role,
            directory=f"_rocm_sdk_{role}",
            requires=requires[role],
            files={
                f"_rocm_sdk_{role}/{path}": facts for path, file in mine.items() if (facts := _facts(file)) is not None
            },
        )
        for role, mine in files.items()
    ]


def _files(artifact: Path) -> dict[str, Path]:
    found = {}
    for base in (artifact / "artifact_manifest.txt").read_text("utf-8").splitlines():
        found |= {
            file.relative_to(artifact / base).as_posix(): file
            for file in sorted((artifact / base).rglob("*"))
            if file.is_file()
        }
    return found


def _facts(file: Path):  # type: ignore[no-untyped-def]
    with file.open("rb") as opened:
        return read_pe_facts(opened, file.stat().st_size)
