"""doit as a user starts it: a process of its own, in the project's root, with directories of the test's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.support.places import ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a run of doit left behind."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def last(self) -> str:
        return self.lines[-1] if self.lines else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doit:
    """Runs doit with settings that keep it inside ``directory``."""

    directory: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def build(self) -> Path:
        return self.directory / "build"

    @property
    def dist(self) -> Path:
        return self.directory / "dist"

    def of(self, artifacts: str, **settings: str) -> Doit:
        """Return the same with other artifacts, a directory or a URL, and other settings."""
        return replace(self, settings={**self.settings, "artifact_dir": artifacts, **settings})

    def command(self, *arguments: str) -> list[str]:
        settings = {"build_dir": str(self.build), "dist_dir": str(self.dist), **self.settings}
        return [sys.executable, "-m", "doit", *arguments, *(f"{name}={value}" for name, value in settings.items())]

    def __call__(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Finished:
        process = subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Finished(code=process.returncode, out=process.stdout, err=process.stderr)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*arguments),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def tree_of(directory: Path, only: Sequence[str] = ("*",)) -> dict[str, bytes]:
    """Return every file below ``directory`` with its bytes."""
    return {
        file.relative_to(directory).as_posix(): file.read_bytes()
        for pattern in only
        for file in sorted(directory.rglob(pattern))
        if file.is_file()
    }
