"""The plan step: catalogs and specs in, one plan a wheel out, for one family or for all generic wheels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from posixpath import join
from typing import NamedTuple

import msgspec

from tools.catalog.model import Catalog
from tools.errors import SHOWN, UserError, listed
from tools.files import read_json, write_json
from tools.plan.devel import Link, link_table
from tools.plan.foreign import foreign_names
from tools.plan.model import FamilyReport, LeftOut, Member, WheelPlan
from tools.plan.overlay import overlay, select, unmatched
from tools.plan.patterns import matches
from tools.plan.place import Placement, place
from tools.plan.product import Product
from tools.plan.provenance import UNKNOWN, Provenance, read_provenance
from tools.plan.requests import PROVENANCE, PlanRequest
from tools.plan.runtime import read_runtime
from tools.plan.scope import Scope
from tools.plan.spec import GENERIC
from tools.plan.tree import TreeFile, TreeRow
from tools.plan.wheel import WheelTexts, devel_root, plan_wheel

DOCUMENTATION = "share/doc/"
LICENSES = tuple(f"{DOCUMENTATION}**/{name}" for name in ("LICENSE*", "COPYING*", "NOTICE*", "copyright"))
MACHINES = {"x86_64": 62, "aarch64": 183}  # platform tag's ending -> e_machine (ELF specification, e_machine)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInputs:
    """What the files named in a request hold."""

    catalogs: tuple[Catalog, ...]
    shared: tuple[Catalog, ...]
    generic: tuple[TreeRow, ...]
    runtime: Mapping[str, str]  # path below packaging_specs/runtime -> text
    description: str
    provenance: Provenance = UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyPlan:
    """What planning a family gives."""

    wheels: tuple[WheelPlan, ...]
    report: FamilyReport
    tree: TreeFile  # of this family's artifacts alone


def plan_family(request: PlanRequest, context: object = None) -> dict[str, list[str]]:
    """Write the plans of a family's wheels and a report, and return the notes for the user.

    Of the generic family also the devel tree that others build on.

    A file whose content does not change is left alone, so that what depends on it is not built again.
    :raises UserError: with every problem found: files nobody takes, different files under one path, links that lead
        out of the tree.
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
            else read_provenance(request.artifact_dir, catalogs)
        ),
    )
    plan = plan_wheels(request, inputs)
    for wheel in plan.wheels:
        write_json(request.directory / f"{wheel.package}.json", wheel)
    write_json(request.directory / "report.json", plan.report)
    write_json(request.directory / "tree.json", plan.tree)
    if request.generic is None:
        write_json(request.directory / PROVENANCE, inputs.provenance)
    return {"notes": [*plan.report.notes, *_summary(plan.report)]}


def plan_wheels(request: PlanRequest, inputs: PlanInputs) -> FamilyPlan:
    """Return the plans of a family's wheels: pure, and total over every path of the catalogs."""
    own = select(inputs.catalogs, request.specs)
    taken = select(inputs.shared, request.specs)
    borrowed = [source for source in taken.sources if source.runtime in _made(request)]
    tree = overlay([*own.sources, *borrowed], request.specs.preferences)
    placement = place(tree, _scope(request), inputs.generic)
    tables = _link_tables(request, placement, inputs.generic)
    texts = WheelTexts(
        specs=request.specs,
        products=request.products,
        platform_tag=request.platform_tag,
        runtime=inputs.runtime,
        description=inputs.description,
        provenance=inputs.provenance,
    )
    licenses = _licenses([*inputs.catalogs, *inputs.shared])
    planned = [
        plan_wheel(
            product,
            placement.members.get(product.package, []),
            _licenses_of(product, licenses),
            tables.links.get(product.package),
            texts,
        )
        for product in _products(request)
    ]
    problems = [*own.problems, *tree.problems, *placement.problems, *tables.problems]
    problems += [problem for wheel in planned for problem in wheel.problems]
    notes = [*request.notes]
    unused = [*request.unused, *(sentence for wheel in planned for sentence in wheel.unused)]
    unused += unmatched([own, taken], request.specs, _made(request))
    (problems if request.strict else notes).extend(
        [*_unclaimed(request), *_foreign(request, placement), *_empty(request, inputs.catalogs)]
    )
    _refuse(request, problems)
    left_out = [*own.left_out, *tree.left_out, *placement.left_out, *tables.left_out]
    left_out += [LeftOut(artifact=artifact, path="", reason=reason) for artifact, reason in request.ignored]
    report = FamilyReport(
        family=request.family,
        left_out=tuple(sorted(set(left_out), key=lambda row: (row.artifact, row.path, row.reason))),
        notes=tuple(notes),
        unused=tuple(unused),
    )
    rows = tuple(sorted(placement.rows, key=lambda row: row.path))
    return FamilyPlan(wheels=tuple(wheel.plan for wheel in planned), report=report, tree=TreeFile(rows))


def _summary(report: FamilyReport) -> list[str]:
    """Return one sentence that counts what the specs name in vain: most sets of artifacts lack much of it."""
    counts = Counter(sentence.partition(":")[0] for sentence in report.unused)
    told = ", ".join(f"{package} ({count})" for package, count in sorted(counts.items()))
    return [f"the specs name what no artifact has: {told}; `doit explain --unused` lists it"] if counts else []


class _Tables(NamedTuple):
    links: dict[str, tuple[Link, ...]]  # package -> link table of its wheel
    left_out: list[LeftOut]
    problems: list[str]


def _products(request: PlanRequest) -> list[Product]:
    return [p for p in request.products if p.family == request.family and p.holds_artifacts]


def _made(request: PlanRequest) -> frozenset[str]:
    return frozenset(product.package for product in _products(request))


def _scope(request: PlanRequest) -> Scope:
    visible = [product for product in request.products if product.family in {GENERIC, request.family}]
    visible.sort(key=lambda product: product.family == request.family)  # its own wheel where there are two
    return Scope(
        family=request.family,
        specs=request.specs,
        platforms={product.package: product.platform_package for product in visible},
        made=_made(request),
        machine=next((m for ending, m in MACHINES.items() if request.platform_tag.endswith(ending)), 0),
        devel=next((spec.name for spec in request.specs.packages if spec.rule == "devel"), ""),
    )


def _link_tables(request: PlanRequest, placement: Placement, generic: Sequence[TreeRow]) -> _Tables:
    """Return the link table of the family's devel root, or of the wheel that adds to another root."""
    carrier = _link_carrier(request)
    if carrier is None:
        return _Tables({}, [], [])
    root = devel_root(carrier, request.products)
    platforms = _providers(request)
    overlaying = [spec for spec in request.specs.packages if spec.overlays]
    shared = {name for spec in overlaying for name in (spec.name, spec.overlays or "")}
    neutral = [msgspec.structs.replace(row, package=f"{GENERIC}:{row.package}") for row in generic]
    neutral = [row if row.package in platforms else generic[i] for i, row in enumerate(neutral)]
    shared |= {f"{GENERIC}:{name}" for name in shared}
    table = link_table([*neutral, *placement.rows], root, platforms, shared)
    left_out = [
        LeftOut(artifact=row.package, path=row.path, reason=f"a link to {row.target}, which no package provides")
        for row in table.dangling
    ]
    if carrier.rule == "devel":
        return _Tables({carrier.package: table.links}, left_out, [])
    own = {row.path for row in placement.rows}
    links = tuple(link for link in table.links if link.path in own)
    folded = link_table(neutral, root, platforms, shared).links
    return _Tables({carrier.package: links}, left_out, _below_folded(own, folded))


def _link_carrier(request: PlanRequest) -> Product | None:
    """Return the wheel of the family that carries a link table, if there is one."""
    devel = [product for product in request.products if product.rule == "devel"]
    roots = [product for product in devel if product.family != GENERIC] or [
        product for product in devel if set(request.specs.cut(product.package).per) == {"generic"}
    ]
    own = [product for product in roots if product.family == request.family]
    if own:
        return own[0]
    adding = [product for product in _products(request) if request.specs.package(product.package).overlays]
    return adding[0] if adding and any(product.family == GENERIC for product in roots) else None


def _providers(request: PlanRequest) -> dict[str, str]:
    """Return provider -> platform package: the family's own wheels by name, generic ones as "generic:<name>"."""
    providers = {
        f"{GENERIC}:{product.package}": product.platform_package
        for product in request.products
        if product.family == GENERIC
    }
    own = {p.package: p.platform_package for p in request.products if p.family == request.family}
    return providers | own


def _below_folded(paths: Iterable[str], links: Sequence[Link]) -> list[str]:
    folded = {link.path: link.platform_package for link in links}
    problems = []
    for path in sorted(paths):
        parts = path.split("/")
        for depth in range(1, len(parts)):
            top = "/".join(parts[:depth])
            if top in folded:
                problems.append(
                    f"{path}: lies below {top}, which the devel tree takes from {folded[top]} as one link; a wheel "
                    "that adds files there would write into that package"
                )
    return problems


def _licenses(catalogs: Iterable[Catalog]) -> list[tuple[str, str, Member]]:
    """Return (artifact name, path, member without a path) of every licence file."""
    found = []
    for catalog in catalogs:
        for entry in catalog.entries:
            if entry.path.startswith(DOCUMENTATION) and entry.kind == "file" and matches(entry.path, LICENSES):
                member = Member(
                    path="",
                    kind="copy",
                    mode=0o644,
                    source=f"{catalog.artifact}/{catalog.base_dirs[entry.base]}/{entry.path}",
                    size=entry.size,
                    sha256=entry.sha256,
                    crc32=entry.crc32,
                )
                found.append((catalog.artifact.split("_")[0], entry.path, member))
    return found


def _licenses_of(product: Product, licenses: Iterable[tuple[str, str, Member]]) -> list[Member]:
    """Return the licence files of the wheel's artifacts as members of its metadata directory (PEP 639)."""
    names = {artifact.split("_")[0] for artifact in product.artifacts}
    members = {
        path: msgspec.structs.replace(member, path=path)
        for name, below, member in licenses
        if name in names
        for path in [join(product.dist_info, "licenses", name, below)]
    }
    return [members[path] for path in sorted(members)]


def _unclaimed(request: PlanRequest) -> list[str]:
    sentences = []
    for artifact in request.unclaimed:
        name, component, _ = artifact.split("_")
        files = [f"packages/{p.name}.toml" for p in request.specs.unlisted if p.claims_component(name, component)]
        sentences.append(
            f"{artifact}: is claimed in {listed(files)} alone, which layouts/{request.specs.layout}.toml does not "
            "list; add a line there, or name the artifact in ignored.toml"
            if files
            else f"{artifact}: no package claims it and ignored.toml does not name it; add it to one of them"
        )
    return sentences


def _empty(request: PlanRequest, catalogs: Iterable[Catalog]) -> list[str]:
    """Return a sentence for each artifact without a file that runtime packages claim: its build went wrong.

    What a target's wheel must have, the set of wheels decides: not every library has device code for every GPU.
    """
    runtime = [product for product in _products(request) if product.rule != "devel"]
    claimed = {n for p in runtime if "target" not in request.specs.cut(p.package).per for n in p.artifacts}
    return [
        f"{catalog.artifact}: is claimed and holds no file; build it again, or leave it out"
        for catalog in catalogs
        if catalog.artifact in claimed and all(entry.kind == "dir" for entry in catalog.entries)
    ]


def _foreign(request: PlanRequest, placement: Placement) -> list[str]:
    """Return a sentence for each file of a target's wheel that is named after another target."""
    known = {target.name for target in request.specs.targets}
    cuts = [cut for cut in request.specs.cuts if "target" in cut.per]
    members = [member for cut in cuts for member in placement.members.get(cut.package, [])]
    return foreign_names(members, request.family, known)


def _refuse(request: PlanRequest, problems: Sequence[str]) -> None:
    if not problems:
        return
    found = sorted(set(problems))
    shown = "".join(f"\n  {problem}" for problem in found[:SHOWN])
    more = f"\n  and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    raise UserError(f"the artifacts of {request.family} cannot be packaged:{shown}{more}")
