"""Artifacts, and the dist that one process makes of them, for engines to be compared with."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.doit_process import Doit, tree_of
from tools.bench.families import make_families
from tools.sample.debian import DebianRequest, make_artifacts
from tools.sample.debian.__main__ import default_cache
from tools.sample.embedded import make_sample

LAYOUTS = ("per-family", "kpack-split")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Artifacts, and the dist that one process makes of them."""

    artifacts: Path
    dist: Mapping[str, bytes]
    seconds: float  # that it took

    @property
    def wheels(self) -> dict[str, bytes]:
        """The wheels that tasks build: those in the tree of an index are made from them."""
        return {name: content for name, content in self.dist.items() if name.endswith(".whl") and "/" not in name}

    def doit(self, directory: Path, **settings: str) -> Doit:
        return Doit(directory=directory, settings={"artifact_dir": str(self.artifacts), "version": "1.0", **settings})


def built(artifacts: Path, directory: Path) -> Tree:
    begun = time.monotonic()
    doit = Tree(artifacts=artifacts, dist={}, seconds=0).doit(directory, engine="inline")
    finished = doit("index")
    assert (finished.code, finished.err) == (0, "")
    return Tree(artifacts=artifacts, dist=tree_of(doit.dist), seconds=time.monotonic() - begun)


def sample_tree(layout: str, directory: Path) -> Tree:
    """Return the embedded sample."""
    make_sample(directory / "artifacts", layout)
    return built(directory / "artifacts", directory)


def debian_tree(layout: str, directory: Path) -> Tree:
    """Return Debian's ROCm; DEBIAN_TREES names a directory that has it already in both layouts."""
    if not shutil.which("apt-get"):
        pytest.skip("needs Debian 12")
    artifacts = Path(os.environ.get("DEBIAN_TREES", directory)) / layout
    if not artifacts.exists():
        make_artifacts(DebianRequest(directory=artifacts, cache=default_cache(), bulk=False, layout=layout))
    return built(artifacts, directory)


def families_tree(directory: Path) -> Tree:
    """Return three families of a few hundred headers each, enough to be killed in the middle of them."""
    make_families(directory / "artifacts", 3, 700, equal=False)
    return built(directory / "artifacts", directory)


def state_of(directory: Path) -> dict[Path, tuple[int, int]]:
    """Return time and size of each file."""
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in directory.rglob("*") if path.is_file()}
