"""Where a benchmark works: a copy of the artifacts, which it may change, and directories of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

from tools.bench.measure import Usage, measure
from tools.errors import UserError

PROJECT = Path(__file__).parents[2]
_FOREIGN = ("ROCM_WHEELS_", "PYTHONDONTWRITEBYTECODE")  # of the environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A directory that belongs to one benchmark."""

    root: Path
    settings: tuple[str, ...] = ()  # further NAME=value for doit

    @property
    def artifacts(self) -> Path:
        """The copy of the artifacts."""
        return self.root / "artifacts"

    @property
    def build_dir(self) -> Path:
        """What doit keeps between."""
        return self.root / "build"

    def doit(self, *arguments: str) -> Usage:
        """Return what a doit command costs. Settings of the environment do not count; byte code is kept, as usual."""
        own = (f"artifact_dir={self.artifacts}", f"build_dir={self.build_dir}", f"dist_dir={self.root / 'dist'}")
        command = (sys.executable, "-m", "doit", *own, *self.settings, *arguments)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        return measure(command, PROJECT, self.root / "doit.log", environment)

    def module(self, name: str, *arguments: str) -> Usage:
        """Return what ``python -m tools.bench.<name>`` costs."""
        command = (sys.executable, "-m", f"tools.bench.{name}", *arguments)
        return measure(command, PROJECT, self.root / f"{name}.log")

    def forget(self) -> None:
        """Remove what was built."""
        for directory in (self.build_dir, self.root / "dist"):
            if directory.exists():
                rmtree(directory)


def copy_artifacts(artifact_dir: Path, workspace: Workspace) -> None:
    """Copy the artifacts into the workspace, time stamps, links and all; blocks are shared where that can be done.

    :raises UserError: when they cannot be copied.
    """
    artifacts: Sequence[Path] = sorted(path for path in artifact_dir.iterdir() if path.is_dir())
    if not artifacts:
        raise UserError(f"{artifact_dir}: holds no artifact directory")
    for artifact in artifacts:  # it may be a link itself
        copy = workspace.artifacts / artifact.name
        copy.mkdir(parents=True)
        command = ("cp", "-a", "--reflink=auto", f"{artifact}/.", str(copy))
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UserError(f"{artifact}: cannot be copied: {done.stderr.strip()}")


def touch_everything(directory: Path) -> None:
    """Give every file below ``directory`` the modification time of now."""
    now = time.time_ns()
    for path in directory.rglob("*"):
        if path.is_file() and not path.is_symlink():
            os.utime(path, ns=(now, now))


def append(path: Path, text: str) -> None:
    """Add a line to a file. An ELF file stays sound: nothing refers to what lies behind its tables."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n// {text}\n")
