"""A progress bar on stderr for a person who waits; nothing when the output goes to a file or a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

WIDTH = 30  # characters

Tick = Callable[[int, int], None]  # done, total


def silent(done: int, total: int) -> None:
    """Show nothing."""


def waiting() -> None:
    """Tell a person why nothing happens."""
    if sys.stderr.isatty():
        print("rocm-sdk: another process makes the devel tree; waiting for it", file=sys.stderr)


@contextmanager
def bar(title: str, *, quiet: bool = False) -> Iterator[Tick]:
    """Yield a function that draws how much is done; the line is wiped at the end."""
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    shown = -1

    def tick(done: int, total: int) -> None:
        nonlocal shown
        percent = 100 * done // max(total, 1)
        if percent != shown:
            shown = percent
            filled = "#" * (WIDTH * percent // 100)
            sys.stderr.write(f"\r{title} [{filled:<{WIDTH}}] {percent:3} %")
            sys.stderr.flush()

    try:
        yield tick
    finally:
        if shown >= 0:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
