"""What machines cost that have archives and a store in common, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree

from tools.bench.measure import Usage
from tools.bench.workspace import Workspace
from tools.sample.archives import ArchivesRequest, make_archives

_STORED = re.compile(r"^store: ([\d,]+) bytes taken, ([\d,]+) given$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """Machines of one benchmark: directories, each with a build of its own."""

    workspace: Workspace

    @property
    def store(self) -> Path:
        """What they leave for each other."""
        return self.workspace.root / "store"

    def forget(self) -> None:
        """Remove the store and all machines."""
        for directory in (self.store, self._root):
            rmtree(directory, ignore_errors=True)

    def families(self) -> tuple[str, ...]:
        """Return the families that there are artifacts of."""
        artifacts = (path.name for path in self.workspace.artifacts.iterdir())
        return tuple(sorted({artifact.rpartition("_")[2] for artifact in artifacts} - {"generic"}))

    def fresh(self, name: str, *arguments: str) -> Usage:
        """Return what a doit command costs on a machine where nothing was done before."""
        machine = replace(self.workspace, root=self._root / name)
        rmtree(machine.root, ignore_errors=True)
        machine.root.mkdir(parents=True)
        return machine.doit(f"artifact_dir={self.archives()}", f"store={self.store}", *arguments)

    def archives(self) -> Path:
        """Return the artifacts as archives, which are made when they are first asked for."""
        archives = self.workspace.root / "archives"
        if not archives.exists():
            make_archives(ArchivesRequest(directory=self.workspace.artifacts, out=archives))
        return archives

    @property
    def _root(self) -> Path:
        return self.workspace.root / "machines"


def stored_bytes(usage: Usage) -> int:
    """Return how many bytes a run took from the store and gave to it."""
    found = _STORED.search(usage.output)
    return sum(int(number.replace(",", "")) for number in found.groups()) if found else 0


def one_after_another(usages: Sequence[Usage]) -> Usage:
    """Return what several runs cost together; the output is that of the last."""
    return _together(usages, sum(usage.wall for usage in usages))


def side_by_side(usages: Sequence[Usage]) -> Usage:
    """Return what several runs cost, each on a machine of its own: the slowest is what people wait for."""
    return _together(usages, max(usage.wall for usage in usages))


def _together(usages: Sequence[Usage], wall: float) -> Usage:
    return Usage(
        wall=wall,
        user=sum(usage.user for usage in usages),
        system=sum(usage.system for usage in usages),
        peak_private=max(usage.peak_private for usage in usages),
        read=sum(usage.read for usage in usages),
        written=sum(usage.written for usage in usages),
        disk_read=sum(usage.disk_read for usage in usages),
        disk_written=sum(usage.disk_written for usage in usages),
        output=usages[-1].output,
    )
