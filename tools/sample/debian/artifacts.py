"""Makes a directory of TheRock-named artifacts from Debian 12's own ROCm packages."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tools.errors import UserError
from tools.sample.debian.base import write_base
from tools.sample.debian.count import DebianReport, count
from tools.sample.debian.download import fetch, unpack
from tools.sample.debian.fill import ArtifactSet, add_own, add_package
from tools.sample.debian.kpack import split_device_code
from tools.sample.debian.libraries import complete, tell_apart
from tools.sample.debian.table import Group, read_table

_REFUSALS = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS}  # not bugs of ours

Layout = Literal["per-family", "kpack-split"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DebianRequest:
    """Which artifacts are wanted, and where the downloaded packages are kept for the next time."""

    directory: Path
    cache: Path
    bulk: bool = True  # 17,000 headers, of which the families' artifacts have one copy each
    large: bool = False  # rocSPARSE, 1.3 GB a family, and LLVM's headers
    layout: Layout = "per-family"


def make_artifacts(request: DebianRequest, context: object = None) -> DebianReport:
    """Make ``request.directory`` and return what is in it.

    Equal packages give equal bytes, links and modes; only time stamps differ. The directory appears in one
    step; an earlier one is replaced if all that it holds are artifacts.

    :raises UserError: when packages cannot be had or do not fit the table, or other things are in the way.
    """
    table = read_table()
    groups = dict(table.selected(bulk=request.bulk, large=request.large))
    request.cache.mkdir(parents=True, exist_ok=True)
    debs = fetch(tuple(groups), request.cache)
    with _replaced(request.directory) as root:
        families = table.families if request.layout == "per-family" else ("generic",)
        artifact_set = ArtifactSet(root=root, table=table, families=families)
        _fill(artifact_set, groups, debs)
        write_base(artifact_set, debs, kpack_split=request.layout == "kpack-split")
        artifact_set.write_manifests()
        complete(artifact_set)
        tell_apart(artifact_set)
        if request.layout == "kpack-split":
            split_device_code(artifact_set)
            artifact_set.write_manifests()
        return count(root)


def _fill(artifact_set: ArtifactSet, groups: Mapping[str, Group], debs: Mapping[str, Path]) -> None:
    for package, group in groups.items():
        with tempfile.TemporaryDirectory(prefix=".unpacked.", dir=artifact_set.root) as unpacked:
            unpack(debs[package], Path(unpacked))
            add_package(artifact_set, group, Path(unpacked))
    add_own(artifact_set)


@contextmanager
def _replaced(directory: Path) -> Iterator[Path]:
    """Yield an empty directory that takes the place of ``directory`` when the block ends well."""
    _check_replaceable(directory)
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{directory.name}.", suffix=".part", dir=directory.parent) as scratch:
            fresh = Path(scratch) / "new"
            fresh.mkdir()
            yield fresh
            if directory.exists():
                directory.rename(Path(scratch) / "old")
            fresh.rename(directory)
    except OSError as error:
        if error.errno not in _REFUSALS:
            raise
        raise UserError(f"{directory}: cannot be made: {error.strerror}") from None


def _check_replaceable(directory: Path) -> None:
    if not directory.exists():
        return
    if not directory.is_dir() or any(not (d / "artifact_manifest.txt").is_file() for d in directory.iterdir()):
        raise UserError(f"{directory}: holds something else than artifacts; name a new directory or remove it")
