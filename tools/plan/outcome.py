"""What the stages of planning have to tell beside their results; merged once, at the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from tools.plan.model import FamilyReport, LeftOut
from tools.plan.problem import Problem, sentences


class Told(Protocol):
    """A stage's result that says what it left out and what is wrong."""

    @property
    def left_out(self) -> Sequence[LeftOut]:
        """Paths that no wheel ships, with the reason."""

    @property
    def problems(self) -> Sequence[Problem]:
        """What a strict build refuses; the stage goes on without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a stage has to tell. Notes and what is unused are sentences."""

    problems: Sequence[Problem] = ()  # stop a build that is strict; another one is made without what they are about
    left_out: Sequence[LeftOut] = ()
    notes: Sequence[str] = ()  # for the user
    unused: Sequence[str] = ()  # what the specs name and no artifact has

    @classmethod
    def of(cls, told: Told) -> Outcome:
        """Return what a stage's result tells."""
        return cls(problems=told.problems, left_out=told.left_out)

    def report(self, family: str) -> FamilyReport:
        """Return the report of a family; its problems are notes where it is built all the same."""
        return FamilyReport(
            family=family,
            left_out=tuple(sorted(set(self.left_out), key=lambda row: (row.artifact, row.path, row.reason))),
            notes=(*self.notes, *(sentence.text for sentence in sentences(self.problems))),
            unused=tuple(self.unused),
        )


def merged(outcomes: Iterable[Outcome]) -> Outcome:
    """Return what all stages tell, in their order."""
    stages = tuple(outcomes)
    return Outcome(
        problems=tuple(chain.from_iterable(stage.problems for stage in stages)),
        left_out=tuple(chain.from_iterable(stage.left_out for stage in stages)),
        notes=tuple(chain.from_iterable(stage.notes for stage in stages)),
        unused=tuple(chain.from_iterable(stage.unused for stage in stages)),
    )
