"""``targets.json``: the way from a GPU to its wheel for programs that choose without building an sdist."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tools.dist.choices import Gpu
from tools.dist.listing import ListedFile
from tools.values import encode_json


def targets_file(files: Iterable[ListedFile], gpus: Sequence[Gpu]) -> bytes | None:
    """Return the file for the newest device wheel of each target, None where there are no device wheels.

    ``files`` are in the index's order, newest version first. The path of a wheel is relative to this file.
    """
    rows: dict[str, dict[str, object]] = {}
    known = {gpu.target: gpu for gpu in gpus}
    for file in files:
        if file.package != "device" or file.yanked is not False or file.family in rows:
            continue
        gpu = known.get(file.family)
        rows[file.family] = {
            "distribution": file.distribution,
            "version": file.version,
            "file": file.filename,
            "size": file.size,
            "sha256": file.sha256,
            "families": sorted(gpu.families) if gpu else [],
            "product": gpu.product if gpu else "",
        }
    return encode_json({"targets": rows}) if rows else None
