"""Why a task runs, as people read it: a sentence, and below it what it is about, one name a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

SHOWN = 5  # names below a sentence


class Reason(NamedTuple):
    """A sentence and the names that belong to it."""

    sentence: str
    names: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Return the sentence with its only name, or with the first few below it and a count of the rest."""
        names = sorted(set(self.names))
        if len(names) < 2:
            return [": ".join((self.sentence, *names))]
        more = [f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else []
        return [f"{self.sentence}:", *(f"  {name}" for name in (*names[:SHOWN], *more))]


def about_paths(sentence: str, paths: Iterable[str], here: Path, places: Sequence[Path]) -> Iterator[Reason]:
    """Yield the sentence with the paths: as they are seen from ``here``, then below each place, which it names."""
    left = set(paths)
    for place in (here, *places):
        below = {path for path in left if Path(path).is_relative_to(place)}
        if below:
            where = sentence if place == here else f"{sentence} below {place}"
            yield Reason(where, tuple(str(Path(path).relative_to(place)) for path in below))
        left -= below
    if left:
        yield Reason(sentence, tuple(left))


def seen_from(here: Path, place: str) -> str:
    """Return a path as it is seen from ``here``: relative where it lies below; a URL as it is."""
    return str(Path(place).relative_to(here)) if Path(place).is_relative_to(here) else place
