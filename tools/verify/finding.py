"""What is wrong with one file of the dist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from tools.errors import few

Severity = Literal["error", "warning"]


class Finding(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One problem of one file; equal problems of many members are told in one line."""

    file: str  # in the dist
    severity: Severity
    check: str  # which promise: "record", "closed"
    problem: str  # what is wrong, without the culprit
    culprit: str = ""  # the member, or what else is concerned; "" for the file as a whole


def error(file: str, check: str, problem: str, culprit: str = "") -> Finding:
    """Return a problem that keeps a dist from being published."""
    return Finding(file=file, severity="error", check=check, problem=problem, culprit=culprit)


def warning(file: str, check: str, problem: str, culprit: str = "") -> Finding:
    """Return something that a person should look at."""
    return Finding(file=file, severity="warning", check=check, problem=problem, culprit=culprit)


def lines(findings: Iterable[Finding]) -> Iterator[tuple[str, str]]:
    """Yield (file, sentence) for each problem: culprits of one problem together, a few by name and a count.

    Where some are not named the sentence says how to get them all.
    """
    together: dict[tuple[str, str, str, str], list[str]] = {}
    for one in sorted(set(findings)):
        together.setdefault((one.file, one.severity, one.check, one.problem), []).append(one.culprit)
    for (file, severity, check, problem), culprits in together.items():
        named = [culprit for culprit in culprits if culprit]
        shown, rest = few(named)
        more = f" and {rest} more, which `doit verify --json FILE` lists" if rest else ""
        where = f": {', '.join(shown)}{more}" if named else ""
        yield file, f"{severity}: {check}: {problem}{where}"
