"""The state of a directory: its rows as JSON, and the moment from which on no change can hide."""

from __future__ import annotations

import time

import msgspec

from tools.artifact.walk import EMPTY_DIRECTORY, Row
from tools.values import decode_json

TICK = 20_000_000  # ns; two jiffies at 100 Hz, the coarsest clock Linux stamps files with
COARSE_TICK = 2_000_000_000  # ns; FAT, the coarsest file system, keeps even seconds (ext3 and HFS+ whole ones)
HERE = 0  # a device that no file has
NEVER = -1  # ns; a ctime that no file has


def settle(rows: list[Row]) -> int:
    """Wait until no row can change unseen, and return that moment in ns since the epoch.

    A file that is written again within the clock tick of its ctime keeps its stamp: git's racy-git.txt calls it
    "racily clean". So the newest ctime must lie a tick back before files are read: a wait of 20 ms, 2 s where the
    file system keeps whole seconds. Nobody waits for a ctime that lies in the future.
    """
    now = time.time_ns()
    if recent := [ripe for row in rows if now < (ripe := _ripe(row[4])) and row[4] <= now]:
        time.sleep((max(recent) - now) / 1e9)
    return time.time_ns()


def trusted(rows: list[Row], settled: int) -> list[Row]:
    """Return the rows, with a ctime that no file has where something could change unseen: that is always read again."""
    return [row if _ripe(row[4]) <= settled else (*row[:4], NEVER, *row[5:]) for row in rows]


def encode(rows: list[Row], device: int) -> bytes:
    """Return rows as a state: equal rows give equal bytes.

    ``device`` is that of the artifact's directory, and told as :data:`HERE`: its number is this machine's own, while
    others see the same directory through a network. No text in a row can look like the end of a row: it has quotes.
    """
    own, here = b",%d]" % device, b",%d]" % HERE
    content = msgspec.json.encode(rows).replace(own + b',["', here + b',["')
    return (content.removesuffix(own + b"]") + here + b"]" if content.endswith(own + b"]") else content) + b"\n"


def decode(state: bytes, device: int) -> list[Row]:
    """Return the rows of a state; ``device`` is that of the artifact's directory now.

    :raises ValueError: when it is none.
    """
    rows = decode_json(state, list[Row])
    return [(*row[:6], device) if row[6] == HERE and row[1] != EMPTY_DIRECTORY else row for row in rows]


def _ripe(ctime: int) -> int:
    return ctime + (TICK if ctime % 1_000_000_000 else COARSE_TICK)
