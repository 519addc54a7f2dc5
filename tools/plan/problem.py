"""What of the artifacts cannot be packaged as it is: told once a reason, with a few of those it is about."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tools.errors import SHOWN, UserError, few
from tools.files import write_bytes

PROBLEMS = "problems.txt"  # beside the plans of a family, where there are problems: all of them, a line each


class Problem(NamedTuple):
    """Something that a strict build refuses, and that another one leaves out with a warning."""

    reason: str  # what is wrong and what to do about it; the same for many
    culprit: str  # a path, an artifact or a wheel

    def __str__(self) -> str:
        return f"{self.culprit}: {self.reason}"


class Sentence(NamedTuple):
    """All problems of one reason in one line."""

    text: str
    is_whole: bool  # all culprits are named


def sentences(problems: Iterable[Problem]) -> list[Sentence]:
    """Return a sentence for each reason, sorted: a few of the culprits and the count of the others."""
    together: dict[str, list[str]] = {}
    for problem in sorted(set(problems)):
        together.setdefault(problem.reason, []).append(problem.culprit)
    return sorted(_sentence(reason, culprits) for reason, culprits in together.items())


def refuse(problems: Iterable[Problem], headline: str, file: Path) -> None:
    """Stop where there are problems; ``file`` lists all of them.

    :raises UserError: with the headline and a line a reason, the first reasons shown.
    """
    found = sentences(problems)
    if not found:
        return
    lines = [sentence.text for sentence in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(f"and {len(found) - SHOWN} more")
    if len(found) > SHOWN or not all(sentence.is_whole for sentence in found):
        lines.append(f"all of them are listed in {file}")
    raise UserError("".join([f"{headline}:", *(f"\n  {line}" for line in lines)]))


def write_problems(file: Path, problems: Iterable[Problem]) -> None:
    """Write a line for each problem, in order of the reasons; no problem, no file."""
    if lines := [f"{problem}\n" for problem in sorted(set(problems))]:
        write_bytes(file, "".join(lines).encode())
    else:
        file.unlink(missing_ok=True)


def _sentence(reason: str, culprits: list[str]) -> Sentence:
    if len(culprits) == 1:
        return Sentence(f"{culprits[0]}: {reason}", is_whole=True)
    shown, rest = few(culprits)
    more = f" and {rest} more" if rest else ""
    return Sentence(f"{', '.join(shown)}{more}: {reason}", is_whole=not rest)
