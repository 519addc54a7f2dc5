"""Contents that a dist stores more than once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from tools.report.model import File, Wheel


@dataclass(frozen=True, slots=True, kw_only=True)
class Double:
    """A content, and where it is."""

    size: int  # bytes as installed, of one
    spare: int  # compressed bytes of all but the largest one
    places: tuple[tuple[str, str], ...]  # wheel and path

    @property
    def wheels(self) -> tuple[str, ...]:
        """The wheels that hold it, each once."""
        return tuple(dict.fromkeys(wheel for wheel, _ in self.places))


def find_doubles(wheels: Iterable[Wheel]) -> list[Double]:
    """Return every content that is there more than once, what is most to spare first."""
    found: defaultdict[str, list[tuple[str, File]]] = defaultdict(list)
    for wheel in wheels:
        for file in wheel.files:
            if file.size:
                found[file.digest].append((wheel.name, file))
    doubles = [_double(places) for places in found.values() if len(places) > 1]
    return sorted(doubles, key=lambda one: (-one.spare, one.places))


def _double(places: list[tuple[str, File]]) -> Double:
    packed = [file.packed for _, file in places]
    return Double(
        size=places[0][1].size,
        spare=sum(packed) - max(packed),
        places=tuple((wheel, file.path) for wheel, file in places),
    )
