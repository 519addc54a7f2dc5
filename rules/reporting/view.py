"""Where the reporter's lines go: plain text, or above a live view on a terminal."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Protocol, TextIO, TypeAlias

REFRESH = 4  # times a second
PERIOD = 10.0  # seconds between news in a log

Status: TypeAlias = Callable[[], Iterable[str]]


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


def make_view(out: TextIO, status: Status, news: Status = tuple, *, period: float = PERIOD) -> View:
    """Return a live view that shows ``status()`` where ``out`` is a terminal that can move its cursor.

    Elsewhere the lines of ``news()`` are added every ``period`` seconds.
    """
    if out.isatty() and os.environ.get("TERM", "dumb") != "dumb":
        return LiveView(out, status)
    return PlainView(out, news, period)


class PlainView:
    """One line after another, for a log or a pipe."""

    def __init__(self, out: TextIO, news: Status, period: float) -> None:
        self._out, self._news, self._period = out, news, period
        self._begun, self._closed = threading.Lock(), threading.Event()

    def begin(self) -> None:
        """Say now and then how far the run is."""
        if self._begun.acquire(blocking=False):
            threading.Thread(target=self._tell, name="news", daemon=True).start()

    def line(self, text: str) -> None:
        """Print a line at once, so that a log shows it when it happens."""
        print(text, file=self._out, flush=True)

    def error(self, text: str) -> None:
        """Print a line on stderr."""
        print(text, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Say no more of what passes."""
        self._closed.set()

    def _tell(self) -> None:
        while not self._closed.wait(self._period):
            for line in self._news():
                self.line(line)


class LiveView:
    """Lines above a few that are drawn again and again. Colours only without NO_COLOR (rich sees to that)."""

    def __init__(self, out: TextIO, status: Status) -> None:
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
