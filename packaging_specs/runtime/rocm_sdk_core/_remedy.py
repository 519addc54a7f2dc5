# ruff: noqa: PTH112, PTH118
"""Commands that end a problem when they are run as they are printed, for the place where the wheels lie."""

from __future__ import annotations

import os
import re
import site as python_site
import sys
import sysconfig
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rocm_sdk_core import _record, _windows

COPIES = "rocm-side-by-side"  # directory that a printed command makes
SOURCE = "with the --index-url or --find-links that you installed from"


def install(site: str, requirements: Sequence[str], *, again: bool, more: Sequence[str] = (), uv: bool = False) -> str:
    """Return how to install into ``site``, in words: see :func:`command`."""
    return told(command(site, requirements, again=again, more=more, uv=uv))


def told(*commands: str) -> str:
    """Return commands, any of which will do, with what they lack: nobody wrote down where the wheels came from."""
    return f"{' or '.join(commands)}, {SOURCE}"


def command(site: str, requirements: Sequence[str], *, again: bool, more: Sequence[str] = (), uv: bool = False) -> str:
    """Return the command that installs into ``site``: pip's or uv's, whichever installed what is there.

    ``again``: also what the installer takes for installed already. ``uv``: uv's, since ``more`` are its options.
    uv installs hard links to its cache, where a file that is damaged in place is damaged, too: again is without it.
    """
    quoted = [_windows.quoted(part) for part in (*more, *_place(site, uv), *sorted(requirements))]
    if uv or _installer(site) == "uv":
        options = ["--reinstall", "--no-deps", "--no-cache"] if again else []
        return " ".join(["uv", "pip", "install", "--python", _windows.quoted(sys.executable), *options, *quoted])
    options = ["--ignore-installed", "--no-deps"] if again else []
    return " ".join(["pip", "install", *options, *quoted])


def side_by_side(wheels: Sequence[tuple[str, dict[str, Any]]]) -> str:
    """Return what brings wheels together that lie in several places: (site, facts) each."""
    places = {os.path.realpath(site) for site, _ in wheels}
    if "__pex__" in sys.modules or os.environ.get("PEX"):
        return "build the pex again with: --venv prepend --venv-site-packages-copies"
    own = {os.path.realpath(sysconfig.get_path(name)) for name in ("purelib", "platlib")} & places
    pins = [f"{facts['distribution']}=={facts['version']}" for _, facts in wheels]
    if _windows.FILES_ONLY:
        return f"install all of them in one place: {install(min(own or places), pins, again=True)}"
    if sys.prefix != sys.base_prefix and own and len(places) > 1:
        return f"install all of them in this virtual environment: {install(min(own), pins, again=True)}"
    parts = [_windows.quoted(part) for site, facts in wheels for part in _parts(site, facts)]
    parts += [_windows.quoted(part) for part in _meta_parts()]
    return (
        f"put copies side by side, first on the path: mkdir {COPIES} && cp -rL {' '.join(parts)} {COPIES} && "
        f'export PYTHONPATH="$PWD/{COPIES}"'
    )


def _parts(site: str, facts: dict[str, Any]) -> list[str]:
    """Return the directories of a wheel."""
    name = re.sub("[-.]", "_", str(facts["distribution"]))
    record = _record.find_record(site, facts)
    metadata = [str(record.parent)] if record else []
    return [
        path for path in (f"{site}/{facts['platform_package']}", f"{site}/{name}") if os.path.isdir(path)
    ] + metadata


def _meta_parts() -> list[str]:
    for entry in sys.path:
        if os.path.isdir(os.path.join(entry, "rocm_sdk")):
            return [str(path) for name in ("rocm_sdk", "rocm-*.dist-info") for path in Path(entry).glob(name)]
    return []


def _place(site: str, uv: bool) -> list[str]:
    """Return the options that make an installer put packages into ``site``."""
    here = os.path.realpath(site)
    if here in {os.path.realpath(sysconfig.get_path(name)) for name in ("purelib", "platlib")}:
        return []
    if not uv and here == os.path.realpath(python_site.getusersitepackages()):
        return ["--user"]
    return ["--target", site, *([] if uv or _installer(site) == "uv" else ["--upgrade"])]


def _installer(site: str) -> str:
    """Return who installed core: the word in INSTALLER (PEP 376)."""
    with suppress(OSError):  # another user's
        for file in Path(site).glob("rocm_sdk_core-*.dist-info/INSTALLER"):
            return file.read_text("utf-8").strip()
    return "pip"
