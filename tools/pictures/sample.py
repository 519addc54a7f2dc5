"""What the pictures show: a build of the embedded sample, in a directory of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tools.bench.workspace import Workspace
from tools.sample.embedded import make_sample


class Command(NamedTuple):
    """A command, and what it printed."""

    typed: str
    printed: str


def build_sample(directory: Path, runs: Sequence[tuple[str, ...]]) -> tuple[list[Command], Path]:
    """Run doit with each of the arguments, as a user does who is in ``directory``; return that, and the dist.

    :raises UserError: when a run fails.
    """
    workspace = Workspace(root=directory)
    make_sample(workspace.artifacts)
    shown = [
        Command(f"doit {' '.join(arguments)}", workspace.doit(*arguments).output.replace(f"{directory}/", ""))
        for arguments in runs
    ]
    return shown, directory / "dist"
