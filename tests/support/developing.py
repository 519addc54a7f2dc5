"""Develop without doit, from the plans of a finished build, and what an environment holds afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.support.doit_process import Doit
from tools.artifact.source import LocalSource
from tools.develop.develop import develop
from tools.develop.model import Link
from tools.develop.part import DevelopRequest, Part
from tools.workers.context import make_context

FAMILY = "gfx94X-dcgpu"
PACKAGES = ("rocm", "rocm-profiler", "rocm-sdk-core", "rocm-sdk-devel")  # of every family
OWN = ("rocm-sdk-devel-gfx94x-dcgpu", "rocm-sdk-libraries-gfx94x-dcgpu")
EVERYTHING = "rocm[libraries-gfx94x-dcgpu,devel-gfx94x-dcgpu,profiler]"

# Written by whoever installs, or by Python, or with the times of files in it.
_OTHERS = ("/RECORD", "/INSTALLER", "/direct_url.json", ".pyc", "/.rocm-sdk/journal.json", "/.rocm-sdk/stamp")


def request_for(
    built: Doit,
    venv: Path,
    folder: Path,
    *,
    families: Iterable[str] = (FAMILY,),
    only: Iterable[str] = (),
    link: Link = "copy",
    wait: bool = True,
) -> DevelopRequest:
    """Return a request for families of a finished build, or for ``only`` some "family/package" of it."""
    families = tuple(families)
    names = tuple(only) or (
        *(f"generic/{package}" for package in ("core", "devel", "profiler", "meta")),
        *(f"{family}/{package}" for family in families for package in ("devel", "libraries")),
    )
    return DevelopRequest(
        venv=venv,
        parts=tuple(_part(built, folder, name) for name in names),
        artifacts=LocalSource(Path(built.settings["artifact_dir"])),
        family=families[0] if len(families) == 1 else "",
        detection=None,
        make_trees=not only,
        link=link,
        wait=wait,
    )


def run_develop(request: DevelopRequest) -> dict[str, Any]:
    """Develop in this process."""
    return develop(request, make_context())


def holdings(site: Path) -> dict[str, tuple[int, bytes | str]]:
    """Return path -> (mode, bytes or what a link holds) of what an environment holds, whoever put it there."""
    found: dict[str, tuple[int, bytes | str]] = {}
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if path.is_symlink():
            found[name] = (0, str(path.readlink()))
        elif path.is_file() and not name.endswith(_OTHERS):
            found[name] = (path.stat().st_mode & 0o777, path.read_bytes())
    return found


def files_of(directory: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return path -> (mode, mtime in ns, bytes) of each file."""
    found = {}
    for path in sorted(directory.rglob("*")):
        if path.is_file() and not path.is_symlink():
            status = path.stat()
            found[str(path)] = (status.st_mode, status.st_mtime_ns, path.read_bytes())
    return found


def _part(built: Doit, folder: Path, name: str) -> Part:
    is_sdist = name.endswith("/meta")
    plan = built.build / "plan" / f"{name}.json"
    return Part(plan=plan, folder=folder / name, requested=is_sdist, sdist=is_sdist)
