"""Where the reporter's lines go: plain text, or above a live view on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import Protocol, TextIO

REFRESH = 4  # times a second


class View(Protocol):
    """Shows lines for good, and in between how far the run is."""

    def begin(self) -> None:
        """Show how far the run is, from now on."""

    def line(self, text: str) -> None:
        """Show a line for good."""

    def error(self, text: str) -> None:
        """Show a line for good, on stderr."""

    def close(self) -> None:
        """Take away what does not last, for good."""


def make_view(out: TextIO, status: Callable[[], Iterable[str]]) -> View:
    """Return a live view that shows ``status()`` where ``out`` is a terminal that can move its cursor."""
    if out.isatty() and os.environ.get("TERM", "dumb") != "dumb":
        return LiveView(out, status)
    return PlainView(out)


class PlainView:
    """One line after another, for a log or a pipe."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def begin(self) -> None:
        """Say nothing: a log keeps what lasts."""

    def line(self, text: str) -> None:
        """Print a line at once, so that a log shows it when it happens."""
        print(text, file=self._out, flush=True)

    def error(self, text: str) -> None:
        """Print a line on stderr."""
        print(text, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Nothing passes away here."""


class LiveView:
    """Lines above a few that are drawn again and again. Colours only without NO_COLOR (rich sees to that)."""

    def __init__(self, out: TextIO, status: Callable[[], Iterable[str]]) -> None:
        from rich.console import Console
        from rich.live import Live
        from rich.text import Text

        self._console = Console(file=out, highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._live = Live(
            get_renderable=lambda: Text("\n".join(status()), style="cyan", no_wrap=True, overflow="ellipsis"),
            console=self._console,
            refresh_per_second=REFRESH,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._closed = False

    def begin(self) -> None:
        """Start drawing. The tasks that begin first may call this at the same moment: rich has a lock."""
        if not self._closed:
            self._live.start()

    def line(self, text: str) -> None:
        """Print a line above what is drawn."""
        self._console.print(text)

    def error(self, text: str) -> None:
        """Print a line on stderr, with the drawing out of its way."""
        drawn = self._live.is_started
        self._live.stop()
        print(text, file=sys.stderr, flush=True)
        if drawn:
            self.begin()

    def close(self) -> None:
        """Stop drawing and leave only what lasts."""
        self._closed = True
        self._live.stop()
