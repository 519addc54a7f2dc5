"""What a run shares with the workers of a cluster: a build directory, or nothing but URLs."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tools.workers.fence import FENCE

if TYPE_CHECKING:
    from tools.workers.parcel import Roots
    from tools.workers.remote_job import JobFiles


class Shared(Protocol):
    """Of one run."""

    def begin(self) -> JobFiles:
        """Let jobs of this run begin from now on, and return what they are sent.

        :raises UserError: when that cannot be done.
        """

    def roots(self) -> Roots:
        """Return the directories that may lie elsewhere on other machines."""

    def end(self, patience: float) -> bool:
        """Let no job of this run be at work any more; say whether that is so, after ``patience`` seconds at most."""


class SharedDirectory:
    """All machines see the build directory, and artifacts that are in a directory, under the same paths."""

    def __init__(self, build_dir: Path, needs: tuple[Path, ...] = ()) -> None:
        self._fence, self._needs = build_dir / FENCE, needs

    def begin(self) -> JobFiles:
        """Open the fence."""
        from tools.workers.fence import open_fence
        from tools.workers.remote_job import SharedFiles

        return SharedFiles(fence=self._fence, word=open_fence(self._fence), needs=self._needs)

    def roots(self) -> Roots:
        """Return those of every checkout."""
        from tools.workers.remote_job import HERE

        return HERE

    def end(self, patience: float) -> bool:
        """Close the fence."""
        from tools.workers.fence import close_fence

        return close_fence(self._fence, patience)


class SharedStore:
    """No machine sees a file of another: jobs read URLs, and what they make has a name only in the store."""

    def __init__(self, archives: Path, artifacts: str) -> None:
        """``artifacts`` is the URL that they come from, and ``archives`` the folder of the build directory for them."""
        self._archives = archives
        self._name = hashlib.sha256(artifacts.encode()).hexdigest()[:16]

    def begin(self) -> JobFiles:
        """Return the name of the directory that a worker has for these artifacts."""
        from tools.workers.remote_job import OwnFiles

        return OwnFiles(self._name)

    def roots(self) -> Roots:
        """Return the build directory, too, and in it that of archives."""
        from tools.workers.remote_job import ARCHIVES, BUILD, HERE

        return {**HERE, ARCHIVES: self._archives, BUILD: self._archives.parent}

    def end(self, patience: float) -> bool:
        """Whatever is still at work harms nobody."""
        return True
