"""What the stages of planning have to tell beside their results; merged once, at the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from tools.errors import SHOWN, UserError
from tools.plan.model import FamilyReport, LeftOut


class Told(Protocol):
    """A stage's result that says what it left out and what is wrong."""

    @property
    def left_out(self) -> Sequence[LeftOut]:
        """Paths that no wheel ships, with the reason."""

    @property
    def problems(self) -> Sequence[str]:
        """Sentences, each of which stops the build."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a stage has to tell. All but ``left_out`` are sentences."""

    problems: Sequence[str] = ()  # each stops the build
    doubts: Sequence[str] = ()  # problems where the build is strict, else notes
    left_out: Sequence[LeftOut] = ()
    notes: Sequence[str] = ()  # for the user
    unused: Sequence[str] = ()  # what the specs name and no artifact has

    @classmethod
    def of(cls, told: Told) -> Outcome:
        """Return what a stage's result tells."""
        return cls(problems=told.problems, left_out=told.left_out)

    def check(self, family: str, *, strict: bool) -> None:
        """Stop where there is a problem.

        :raises UserError: with every problem, each once, the first ones shown.
        """
        found = sorted({*self.problems, *(self.doubts if strict else ())})
        if not found:
            return
        shown = "".join(f"\n  {problem}" for problem in found[:SHOWN])
        more = f"\n  and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise UserError(f"the artifacts of {family} cannot be packaged:{shown}{more}")

    def report(self, family: str) -> FamilyReport:
        """Return the report of a family that can be built; what is doubtful is a note by now."""
        return FamilyReport(
            family=family,
            left_out=tuple(sorted(set(self.left_out), key=lambda row: (row.artifact, row.path, row.reason))),
            notes=(*self.notes, *self.doubts),
            unused=tuple(self.unused),
        )


def merged(outcomes: Iterable[Outcome]) -> Outcome:
    """Return what all stages tell, in their order."""
    stages = tuple(outcomes)
    return Outcome(
        problems=tuple(chain.from_iterable(stage.problems for stage in stages)),
        doubts=tuple(chain.from_iterable(stage.doubts for stage in stages)),
        left_out=tuple(chain.from_iterable(stage.left_out for stage in stages)),
        notes=tuple(chain.from_iterable(stage.notes for stage in stages)),
        unused=tuple(chain.from_iterable(stage.unused for stage in stages)),
    )
