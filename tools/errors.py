"""Errors that a user can act on; everything else is a bug and keeps its traceback."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

SHOWN = 10  # culprits named in a message before "and N more"
WIDTH = 300  # characters of names after which no further one is named: kernels' names have more than 100


class UserError(Exception):
    """Something the user can put right. ``str()`` alone says where, what is wrong and what is allowed."""


class InputChanged(UserError):
    """A file is not what the catalog recorded: it was changed while the build ran."""


def listed(culprits: Iterable[object]) -> str:
    """Return the culprits sorted and joined by commas, the first ten and a count of the rest."""
    names = sorted({str(culprit) for culprit in culprits})
    shown = ", ".join(names[:SHOWN])
    return f"{shown} and {len(names) - SHOWN} more" if len(names) > SHOWN else shown


def few(names: Sequence[str]) -> tuple[list[str], int]:
    """Return the first of the names, as many as are read at a glance and at least one, and the count of the others."""
    widths = accumulate(len(name) for name in names[:SHOWN])
    shown = max(1, sum(width <= WIDTH for width in widths))
    return list(names[:shown]), max(0, len(names) - shown)
