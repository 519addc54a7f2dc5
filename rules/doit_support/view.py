"""Where the reporter's lines go: plain text, or above a live view on a terminal."""

from __future__ import annotations

import sys
from typing import Protocol, TextIO


class View(Protocol):
    """Shows lines and what runs at the moment."""

    def line(self, text: str) -> None:
        """Show a line for good."""

    def error(self, text: str) -> None:
        """Show a line for good, on stderr."""

    def progress(self, done: int, running: tuple[str, ...]) -> None:
        """Show how far the run is, as long as it lasts."""

    def close(self) -> None:
        """Take the passing part away."""


class PlainView:
    """One line after another, for a log or a pipe."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def line(self, text: str) -> None:
        """Print a line at once, so that a log shows it when it happens."""
        print(text, file=self._out, flush=True)

    def error(self, text: str) -> None:
        """Print a line on stderr."""
        print(text, file=sys.stderr, flush=True)

    def progress(self, done: int, running: tuple[str, ...]) -> None:
        """Say nothing: a log keeps what lasts."""

    def close(self) -> None:
        """Nothing passes away here."""
