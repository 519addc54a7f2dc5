"""Strangers among the artifacts: those that nobody takes, empty ones, and files named after other GPUs."""

from __future__ import annotations

from collections.abc import Iterable

from tools.catalog.model import Catalog
from tools.errors import listed
from tools.plan.outcome import Outcome
from tools.plan.problem import Problem
from tools.plan.requests import PlanRequest
from tools.plan.selection import Selection
from tools.plan.targets import targets_in

_FOREIGN = "named after another GPU than its wheel is for; ship it in an artifact of that GPU, or exclude it"


def strangers(request: PlanRequest, catalogs: Iterable[Catalog]) -> Outcome:
    """Return what no wheel of the family can be made of."""
    return Outcome(problems=[*_unclaimed(request), *_empty(request, catalogs)])


def without_foreign(selection: Selection, request: PlanRequest) -> Selection:
    """Return the selection without files of a target's wheel that are named after another target: a problem each."""
    known = {target.name for target in request.specs.targets}
    cut = {cut.package for cut in request.specs.cuts if "target" in cut.per}
    kept = Selection([], [*selection.left_out], [*selection.problems])
    for source in selection.sources:
        path = source.entry.path
        if source.package in cut and {*targets_in(path, known)} - {request.family}:
            kept.leave_out(source.artifact, path, Problem(_FOREIGN, f"{source.artifact}: {path}"))
        else:
            kept.sources.append(source)
    return kept


def _unclaimed(request: PlanRequest) -> list[Problem]:
    problems = []
    for artifact in request.unclaimed:
        name, component, _ = artifact.split("_")
        files = [f"packages/{p.name}.toml" for p in request.specs.unlisted if p.claims_component(name, component)]
        reason = (
            f"is claimed in {listed(files)} alone, which layouts/{request.specs.layout}.toml does not "
            "list; add a line there, or name the artifact in ignored.toml"
            if files
            else "no package claims it and ignored.toml does not name it; add it to one of them"
        )
        problems.append(Problem(reason, artifact))
    return problems


def _empty(request: PlanRequest, catalogs: Iterable[Catalog]) -> list[Problem]:
    """Return a problem for each artifact without a file that runtime packages claim: its build went wrong.

    What a target's wheel must have, the set of wheels decides: not every library has device code for every GPU.
    """
    runtime = [product for product in request.wheels if product.rule != "devel"]
    claimed = {n for p in runtime if "target" not in request.specs.cut(p.package).per for n in p.artifacts}
    return [
        Problem("no file in it, though it is claimed; build it again, or leave it out", catalog.artifact)
        for catalog in catalogs
        if catalog.artifact in claimed and all(entry.kind == "dir" for entry in catalog.entries)
    ]
