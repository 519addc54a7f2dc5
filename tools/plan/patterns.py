"""Path patterns of the specs: TheRock's globs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=4096)
def compile_patterns(patterns: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return one expression that matches the whole of a path that any pattern matches; None for no patterns.

    A pattern is anchored at both ends. ``*`` and ``?`` stay within one path component, ``**/`` stands for any number
    of directories, none included, and ``/**`` at the end for the directory itself and everything below it, as in
    TheRock's artifact descriptors (there ``?`` stands for any number of characters, which no pattern relies on).
    """
    if not patterns:
        return None
    return re.compile("|".join(f"(?:{_expression(pattern)})" for pattern in patterns) + r"\Z")


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Say whether any pattern matches ``path``."""
    expression = compile_patterns(tuple(patterns))
    return expression is not None and expression.match(path) is not None


def _expression(pattern: str) -> str:
    body, tail = (pattern[:-3], "(?:/.*)?") if pattern.endswith("/**") else (pattern, "")
    body = re.sub(r"(?:\*\*/)+", "**/", body)  # each one more would multiply the ways to match by the path's depth
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", body)
    translated = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "(?s:" + "".join(translated.get(piece, re.escape(piece)) for piece in pieces) + tail + r")\Z"
