"""Which files a Python process and those that it starts open: an audit hook writes them down (PEP 578)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_HOOK = """
import os, sys
_log = os.open({log!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def _hook(event, arguments):
    if event in ("open", "os.listdir", "os.scandir", "os.rename", "os.mkdir"):
        for one in arguments[:2]:
            if isinstance(one, (str, bytes)):
                os.write(_log, os.fsencode(os.path.abspath(os.fsdecode(one))) + b"\\n")
sys.addaudithook(_hook)
"""


class Opened:
    """The files that processes with :attr:`environment` open."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        self._log = directory / "opened"
        (directory / "sitecustomize.py").write_text(_HOOK.format(log=str(self._log)))
        self.environment = {"PYTHONPATH": str(directory)}

    def below(self, *directories: Path) -> set[str]:
        """Return those that lie in one of the directories."""
        return {path for path in self._paths() if any(Path(path).is_relative_to(one) for one in directories)}

    def _paths(self) -> Iterator[str]:
        yield from dict.fromkeys(self._log.read_text(errors="replace").splitlines())
