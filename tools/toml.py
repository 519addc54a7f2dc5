"""TOML that people wrote: whatever is wrong with it is a TOMLDecodeError."""

from __future__ import annotations

import tomllib
from typing import Any

NESTED = "it is nested too deeply"  # beyond what Python's stack takes; tomllib and msgspec raise RecursionError then


def parse_toml(text: str) -> dict[str, Any]:
    """Return the top-level table.

    :raises tomllib.TOMLDecodeError: when it is none, or holds more arrays in each other than can be read.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise tomllib.TOMLDecodeError(NESTED) from None
