"""Sizes, times and tables as people read them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from shlex import quote

OF_A_DIST = (  # settings that say which dist it is and where
    *("artifact_dir", "layout", "platform_tag", "families", "default_family", "version"),
    *("store", "build_dir", "dist_dir"),
)

INVOKED_AS = "DOITW_INVOKED_AS"  # how the user calls doit, where that is by ./doitw: its shell may find no other


def time_text(seconds: float) -> str:
    """Return a duration: "0.4 s", "41 s", "3 min 05 s"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02} s"


def table_text(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table: the first column flush left, the others flush right."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    return [_row(row, widths) for row in (header, *rows)]


def with_settings(commands: str, given: Mapping[str, str]) -> str:
    """Return commands such as "doit verify; doit report" as the user's shell finds doit, with the settings that say
    which dist they are about.

    ``given`` are those of the command line, the only ones that the next command would not have.
    """
    doit = quote(os.environ.get(INVOKED_AS, "doit"))
    missing = [name for name in OF_A_DIST if name in given and f"{name}=" not in commands]
    words = [f"{quote(f'{name}={given[name]}')} " for name in missing]
    return re.sub(r"(?<!\S)doit ", lambda _: f"{doit} {''.join(words)}", commands)


def runnable(sentence: str, given: Mapping[str, str]) -> str:
    """Return a sentence whose commands, which stand in backticks, have the settings that next commands have."""
    return re.sub(r"(?<=`)doit [^`]+", lambda found: with_settings(found[0], given), sentence)


def _row(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        row[0].ljust(widths[0]),
        *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
    ]
    return "  ".join(cells)
