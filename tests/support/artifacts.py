"""Artifact directories of what a test says: path -> content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from tools.artifact.form import FORMS
from tools.sample.archives import ArchivesRequest, make_archives

Content: TypeAlias = bytes | str | None  # "->target" is a link, None a directory

MANIFEST = "artifact_manifest.txt"


def write_artifact(
    root: Path, name: str, files: Mapping[str, Content], base_dir: str = "part/stage", *, manifest: str | None = None
) -> Path:
    """Make an artifact with these files in one base dir, which is returned; ``manifest`` may list others."""
    put(root / name / base_dir, files)
    (root / name / MANIFEST).write_text(f"{base_dir}\n" if manifest is None else manifest, encoding="utf-8")
    return root / name / base_dir


def write_base(root: Path, *, version: str = "10.1.0", kpack_split: bool = False) -> Path:
    """Make ``base_lib_generic``, which every set of artifacts has."""
    manifest = {"the_rock_commit": "0" * 40, "submodules": [], "flags": {"KPACK_SPLIT_ARTIFACTS": kpack_split}}
    return write_artifact(
        root,
        "base_lib_generic",
        {".info/version": version, "share/therock/therock_manifest.json": json.dumps(manifest)},
        "base/aux-overlay/stage",
    )


def put(directory: Path, files: Mapping[str, Content]) -> Path:
    """Write files, links and directories below a directory, and return it."""
    directory.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        place = directory / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            place.mkdir()
        elif isinstance(content, str) and content.startswith("->"):
            place.symlink_to(content.removeprefix("->"))
        else:
            place.write_bytes(content.encode() if isinstance(content, str) else content)
    return directory


def pack_in_each_form(directory: Path, root: Path) -> Path:
    """Write the artifacts of ``directory`` as archives into a folder of ``root`` for each form, and return ``root``."""
    for form in FORMS:
        make_archives(ArchivesRequest(directory=directory, out=root / form, form=form))
    return root
