"""The plan step: catalogs and specs in, one plan a wheel out, for one family or for all generic wheels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.catalog.model import Catalog
from tools.plan.devel_links import DevelLinks, devel_links
from tools.plan.dlls import Checked, DllFile, Known, check_dlls, facts_of
from tools.plan.licenses import licenses, licenses_of
from tools.plan.model import FamilyReport, LeftOut, Member, WheelPlan
from tools.plan.outcome import Outcome, merged
from tools.plan.outline import outline_of
from tools.plan.overlay import overlay
from tools.plan.place import place
from tools.plan.problem import PROBLEMS, Problem, refuse, write_problems
from tools.plan.provenance import UNKNOWN, Provenance, read_provenance
from tools.plan.requests import DLLS, PROVENANCE, PlanRequest
from tools.plan.runtime import read_runtime
from tools.plan.scope import Scope
from tools.plan.selection import select, unmatched
from tools.plan.spec import GENERIC
from tools.plan.strangers import strangers, without_foreign
from tools.plan.tree import TreeFile, TreeRow
from tools.plan.wheel import Planned, WheelTexts, plan_wheel
from tools.platform.tags import platform_of
from tools.values import read_json, write_json
from tools.windows.wheels import Holder


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInputs:
    """What the files named in a request hold."""

    catalogs: tuple[Catalog, ...]
    shared: tuple[Catalog, ...]
    generic: tuple[TreeRow, ...]
    runtime: Mapping[str, str]  # path below packaging_specs/runtime -> text
    description: str
    provenance: Provenance = UNKNOWN
    dlls: tuple[Holder, ...] = ()  # of generic wheels for Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyPlan:
    """What planning a family gives."""

    wheels: tuple[WheelPlan, ...]
    report: FamilyReport
    tree: TreeFile  # of this family's artifacts alone
    dlls: DllFile | None  # of its wheels, for Windows
    problems: tuple[Problem, ...]  # the plans are without what they are about

    def refuse(self, directory: Path) -> None:
        """Stop where there are problems; ``directory`` is that of the plans, where a file lists all of them.

        :raises UserError: with every problem, a line a reason.
        """
        refuse(self.problems, f"the artifacts of {self.report.family} cannot be packaged", directory / PROBLEMS)


def plan_family(request: PlanRequest, context: object = None) -> dict[str, object]:
    """Write the plans of a family's wheels and a report, and return "notes" and "problems" for the user.

    The devel tree goes beside them; that of the generic family is what others build on.

    A file whose content does not change is left alone, so that what depends on it is not built again.
    :raises UserError: if strict, with every problem found: files nobody takes, different files under one path, links
        that lead out of the tree.
    """
    folders = [spec.runtime for spec in request.specs.packages if spec.runtime and spec.rule != "sdist"]
    catalogs = tuple(read_json(path, Catalog) for path in request.catalogs)
    inputs = PlanInputs(
        catalogs=catalogs,
        shared=tuple(read_json(path, Catalog) for path in request.shared),
        generic=read_json(request.generic, TreeFile).rows if request.generic else (),
        runtime=read_runtime(request.runtime, folders),
        description=request.description.read_text(encoding="utf-8"),
        provenance=(
            read_json(request.generic.with_name(PROVENANCE), Provenance)
            if request.generic
            else read_provenance(catalogs)
        ),
        dlls=read_json(request.generic.with_name(DLLS), DllFile).holders if request.windows and request.generic else (),
    )
    plan = plan_wheels(request, inputs)
    write_problems(request.directory / PROBLEMS, plan.problems)
    if request.strict:
        plan.refuse(request.directory)
    for wheel in plan.wheels:
        write_json(request.directory / f"{wheel.package}.json", wheel)
        write_json(request.directory / f"{wheel.package}.outline", outline_of(wheel))
    write_json(request.directory / "report.json", plan.report)
    write_json(request.directory / "tree.json", plan.tree)
    if request.generic is None:
        write_json(request.directory / PROVENANCE, inputs.provenance)
        if plan.dlls is not None:
            write_json(request.directory / DLLS, plan.dlls)
    listed = str(request.directory / PROBLEMS)
    return {
        "notes": [*request.notes, *_summary(plan.report)],
        "problems": [[problem.reason, problem.culprit, listed] for problem in plan.problems],
    }


def plan_wheels(request: PlanRequest, inputs: PlanInputs) -> FamilyPlan:
    """Return the plans of a family's wheels, and the problems: pure, and total over every path of the catalogs."""
    scope = _scope(request)
    own = without_foreign(select(inputs.catalogs, request.specs), request)
    shared = select(inputs.shared, request.specs)
    taken = [source for source in shared.sources if source.package in scope.made]
    tree = overlay([*own.sources, *taken], request.specs.preferences)
    placement = place(tree, scope, inputs.generic)
    links = devel_links(request, placement.rows, inputs.generic)
    planned = _plan_each(request, inputs, scope, placement.members, links)
    wheels = tuple(wheel.plan for wheel in planned)
    checked = Checked(wheels, (), Outcome())
    if request.windows is not None:
        facts = facts_of([*inputs.catalogs, *inputs.shared])
        known = Known(generic=inputs.dlls, facts=facts, sources=[*own.sources, *taken])
        checked = check_dlls(request, request.windows, wheels, links, known)
    outcome = merged(
        [
            _known_before(request),
            *(Outcome.of(stage) for stage in (own, tree, placement, links)),
            *(wheel.outcome for wheel in planned),
            checked.outcome,
            Outcome(unused=unmatched([own, shared], request.specs, scope.made)),
            strangers(request, inputs.catalogs),
        ]
    )
    rows = tuple(sorted(placement.rows, key=lambda row: row.path))
    return FamilyPlan(
        wheels=checked.wheels,
        report=outcome.report(request.family),
        tree=TreeFile(rows),
        dlls=DllFile(checked.holders) if request.windows is not None else None,
        problems=tuple(sorted(set(outcome.problems))),
    )


def _known_before(request: PlanRequest) -> Outcome:
    """Return what names alone told when tasks were made."""
    left_out = [LeftOut(artifact=artifact, path="", reason=reason) for artifact, reason in request.ignored]
    return Outcome(left_out=left_out, notes=request.notes, unused=request.unused)


def _plan_each(
    request: PlanRequest,
    inputs: PlanInputs,
    scope: Scope,
    members: Mapping[str, Sequence[Member]],
    links: DevelLinks,
) -> list[Planned]:
    texts = WheelTexts(
        specs=request.specs,
        products=request.products,
        platform=scope.platform,
        runtime=inputs.runtime,
        description=inputs.description,
        provenance=inputs.provenance,
    )
    found = licenses([*inputs.catalogs, *inputs.shared])
    return [
        plan_wheel(
            product, members.get(product.package, []), licenses_of(product, found), links.of(product.package), texts
        )
        for product in request.wheels
    ]


def _scope(request: PlanRequest) -> Scope:
    visible = [product for product in request.products if product.family in {GENERIC, request.family}]
    visible.sort(key=lambda product: product.family == request.family)  # its own wheel where there are two
    return Scope(
        family=request.family,
        specs=request.specs,
        platform=platform_of(request.platform_tag),
        platform_packages={product.package: product.platform_package for product in visible},
        made=frozenset(product.package for product in request.wheels),
        devel=next((spec.name for spec in request.specs.packages if spec.rule == "devel"), ""),
    )


def _summary(report: FamilyReport) -> list[str]:
    """Return one sentence that counts what the specs name in vain: most sets of artifacts lack much of it."""
    counts = Counter(sentence.partition(":")[0] for sentence in report.unused)
    told = ", ".join(f"{package} ({count})" for package, count in sorted(counts.items()))
    return [f"the specs name what no artifact has: {told}; `doit explain --unused` lists it"] if counts else []
