"""What the artifacts are a release of: read from ``base_lib_generic``, which every build of ROCm has."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.artifact.manifest import read_base_dirs
from tools.errors import UserError

BASE = "base_lib_generic"
MANIFEST = "share/therock/therock_manifest.json"
VERSION = ".info/version"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What the artifacts say of themselves."""

    version: str  # PEP 440, normalised
    kpack_split: bool | None  # None: they do not say


def read_release(artifact_dir: Path, version: str | None) -> Release:
    """Return the release that ``artifact_dir`` holds, with ``version`` in place of its own if that is given.

    :raises UserError: when ``base_lib_generic`` or one of the two files is missing, or says nothing sensible.
    """
    directory = artifact_dir / BASE
    if not directory.is_dir():
        raise UserError(f"{artifact_dir}: has no {BASE}; it says which version and layout the artifacts are of")
    return Release(
        version=version or development_version(_read(directory, VERSION).strip(), str(directory)),
        kpack_split=_kpack_split(_read(directory, MANIFEST), str(directory)),
    )


def development_version(stated: str, place: str) -> str:
    """Return the version of a build that nobody named: ``.dev0`` of the ``stated`` one (PEP 440).

    :raises UserError: when ``stated`` is no version.
    """
    from packaging.version import Version

    try:
        parsed = Version(stated)
        if parsed.is_devrelease:
            return str(parsed)
        return str(Version(f"{parsed.public}.dev0{f'+{parsed.local}' if parsed.local else ''}"))
    except ValueError:  # InvalidVersion, or more digits than Python reads
        raise UserError(
            f"{place}: {VERSION} says {stated[:100]!r}, which is no version as PEP 440 defines it; "
            f"name one by version=..."
        ) from None


def _kpack_split(text: str, place: str) -> bool | None:
    try:
        manifest: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{place}: {MANIFEST} is not JSON: {error}") from None
    flags = manifest.get("flags", {}) if isinstance(manifest, dict) else None
    if isinstance(flags, dict) and "KPACK_SPLIT_ARTIFACTS" not in flags:
        return None
    split = flags["KPACK_SPLIT_ARTIFACTS"] if isinstance(flags, dict) else None
    if not isinstance(split, bool):
        raise UserError(f"{place}: {MANIFEST}: flags.KPACK_SPLIT_ARTIFACTS must be true or false")
    return split


def _read(directory: Path, path: str) -> str:
    files = [directory / base / path for base in read_base_dirs(directory)]
    for file in files:
        try:
            if file.is_file():
                return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{file}: cannot be read: {error}") from None
    raise UserError(f"{directory}: none of its base dirs has {path}")
