"""The files by which a build says what it is: version, manifest and GPU targets, in ``base_lib_generic``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from tools.sample.debian.download import version
from tools.sample.debian.fill import ArtifactSet, write
from tools.sample.debian.place import Placed

BASE = "base/aux-overlay/stage"
TARGETS = ("gfx942", "gfx1200", "gfx1201")  # the members of the two families


def write_base(artifact_set: ArtifactSet, debs: Mapping[str, Path], *, kpack_split: bool) -> None:
    """Write ``.info/version``, ``therock_manifest.json`` and ``dist_info.json``."""
    targets = sorted({t for ours in artifact_set.table.targets.values() for t in ours}) if kpack_split else TARGETS
    _write(artifact_set, ".info/version", f"{artifact_set.table.version}\n")
    _write(artifact_set, "share/therock/therock_manifest.json", _json(_manifest(debs, kpack_split=kpack_split)))
    _write(artifact_set, "share/therock/dist_info.json", _json({"dist_amdgpu_targets": ";".join(targets)}))


def _manifest(debs: Mapping[str, Path], *, kpack_split: bool) -> dict[str, object]:
    names = sorted(deb.name for deb in debs.values())
    return {
        # No commit of TheRock made this: 40 hex digits that stand for the set of packages.
        "the_rock_commit": hashlib.sha256("\n".join(names).encode()).hexdigest()[:40],
        "submodules": [
            {
                "submodule_name": package,
                "submodule_path": package,
                "submodule_url": f"pkg:deb/debian/{package}",  # package URL specification, type deb
                "pin_sha": version(debs[package]),
            }
            for package in sorted(debs)
        ],
        "flags": {"KPACK_SPLIT_ARTIFACTS": kpack_split},
    }


def _write(artifact_set: ArtifactSet, path: str, text: str) -> None:
    for file in artifact_set.files("base", Placed(path=path, component="lib"), BASE):
        write(file, text.encode())


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"
