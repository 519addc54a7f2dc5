"""Errors that a user can act on; everything else is a bug and keeps its traceback."""

from __future__ import annotations

TYPE_CHECKING = False  # imported at each start of a tool
if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN = 10  # culprits named in a message before "and N more"


class SdkError(RuntimeError):
    """Something the user can put right. ``str()`` alone says where, what is wrong and what to do."""


class NoLinks(SdkError):
    """The file system cannot hold the links of a devel tree; core's programs run without it."""


def listed(culprits: Iterable[object]) -> str:
    """Return the culprits sorted and joined by commas, the first ten and a count of the rest."""
    names = sorted({str(culprit) for culprit in culprits})
    shown = ", ".join(names[:SHOWN])
    return f"{shown} and {len(names) - SHOWN} more" if len(names) > SHOWN else shown
