"""Whether the files that a task wrote are still the ones it wrote; doit asks only whether they exist."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

Stamp = list[list[int] | None]  # of each file: size, mtime (ns), inode; None when it is not there

KEY = "outputs"  # in doit's values of the task


class Outputs:
    """An ``uptodate`` check: size, modification time and inode of each target are as when the task finished.

    Not the change time: a hard link in ``dist/`` would change it.
    """

    def __call__(self, task: Any, values: dict[str, Any]) -> bool:
        """Say whether the targets are as they were left, and have them remembered when the task has run."""
        task.value_savers.append(lambda: {KEY: stamp(task.targets)})
        return values.get(KEY) == stamp(task.targets)

    def __repr__(self) -> str:
        """Return what ``doit info`` shows as a reason."""
        return "<its outputs are not the files that it wrote>"


def stamp(paths: Iterable[str]) -> Stamp:
    """Return what tells each file from one written later."""
    return [_stamp(path) for path in paths]


def _stamp(path: str) -> list[int] | None:
    try:
        status = Path(path).lstat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns, status.st_ino]
