"""Wheels that are installed into one platform package: no path in two of them, no target without its files."""

from __future__ import annotations

from collections.abc import Iterable

from tools.plan.dlls import set_clashes
from tools.plan.model import WheelPlan
from tools.plan.problem import Problem, refuse, write_problems
from tools.plan.requests import SetRequest
from tools.plan.spec import GENERIC
from tools.plan.targets import gaps
from tools.values import read_json, write_json


def check_set(request: SetRequest, context: object = None) -> dict[str, object]:
    """Write the report, and return "problems" for the user.

    :raises UserError: with every path that two of the wheels ship, and if ``strict`` with every target that has no file
        of an artifact which another one has files of.
    """
    plans = [read_json(path, WheelPlan) for path in request.plans]
    missing = gaps(_artifacts(plans), request.expected)
    found = [*clashes(plans), *(set_clashes(plans) if request.windows else ())]
    incomplete = [Problem("add the artifacts, or build what is there with strict=no", sentence) for sentence in missing]
    listed = request.report.with_name("set-problems.txt")
    write_problems(listed, [*found, *incomplete])
    refuse([*found, *(incomplete if request.strict else ())], "these wheels cannot be installed together", listed)
    report = {"wheels": len(plans), "paths": sum(len(plan.members) for plan in plans), "missing": missing}
    write_json(request.report, report)
    return {"problems": [[problem.reason, problem.culprit, str(listed)] for problem in incomplete]}


def clashes(plans: Iterable[WheelPlan]) -> list[Problem]:
    """Return a problem for each path that several wheels ship, in order of the paths."""
    owners: dict[str, list[str]] = {}
    for plan in plans:
        for member in plan.members:
            owners.setdefault(member.path, []).append(plan.distribution)
    return [
        Problem(
            f"in {' and '.join(sorted(names))}; name the file after its target, or ship it in the neutral artifact",
            path,
        )
        for path, names in sorted(owners.items())
        if len(names) > 1
    ]


def _artifacts(plans: Iterable[WheelPlan]) -> dict[str, set[str]]:
    """Return target -> names of the artifacts that its wheel has files of."""
    return {
        plan.family: {
            member.source.split("_")[0]
            for member in plan.members
            if member.source and not member.path.startswith(f"{plan.dist_info}/")
        }
        for plan in plans
        if plan.family != GENERIC
    }
