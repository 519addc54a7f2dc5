"""Planned wheels for Windows: names that it can hold, DLLs that find each other, and the order they are loaded in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from posixpath import join

import msgspec

from tools.catalog.model import Catalog
from tools.pe.model import PeFacts
from tools.plan.devel_links import DevelLinks
from tools.plan.model import Member, WheelPlan
from tools.plan.outcome import Outcome
from tools.plan.problem import Problem
from tools.plan.product import Product, devel_root
from tools.plan.requests import PlanRequest
from tools.plan.selection import ClaimedEntry
from tools.plan.wheel import requirements
from tools.windows import kinds, names
from tools.windows.lists import Lists
from tools.windows.order import loads_table
from tools.windows.search import Package
from tools.windows.wheels import Holder, all_problems


class DllFile(msgspec.Struct, frozen=True):
    """What ``dlls.json`` holds: the PE files of the generic wheels."""

    holders: tuple[Holder, ...]


class Checked(msgspec.Struct, frozen=True):
    """A family's wheels with the tables that the runtime reads, and what is wrong with them."""

    wheels: tuple[WheelPlan, ...]
    holders: tuple[Holder, ...]  # of these wheels
    outcome: Outcome


def check_dlls(
    request: PlanRequest, lists: Lists, wheels: Sequence[WheelPlan], links: DevelLinks, known: Known
) -> Checked:
    """Return the family's ``wheels``, each with its table of loads, and every problem that Windows has with them."""
    mine = tuple(_holder(request, wheel, links, known.facts) for wheel in wheels)
    everything = (*known.generic, *mine)
    packages = [holder.package for holder in everything if not holder.is_devel]
    made = tuple(_with_table(wheel, holder, packages, lists) for wheel, holder in zip(wheels, mine, strict=True))
    own = [holder.package.name for holder in mine]
    found = [
        *(Problem(one.sentence, one.path) for one in all_problems(everything, lists, own) if one.severity == "error"),
        *_misplaced(known.sources),
        *_names(request, made, links, lists.path_budget),
    ]
    return Checked(made, mine, Outcome(problems=found))


class Known(msgspec.Struct, frozen=True):
    """What is known of files: those of the generic wheels, facts by digest, and what the family's wheels take."""

    generic: tuple[Holder, ...]
    facts: Mapping[str, PeFacts]  # sha256 -> facts
    sources: Sequence[ClaimedEntry]


def facts_of(catalogs: Iterable[Catalog]) -> dict[str, PeFacts]:
    """Return sha256 -> facts of every PE file."""
    return {entry.sha256: entry.pe for catalog in catalogs for entry in catalog.entries if entry.pe is not None}


def set_clashes(plans: Iterable[WheelPlan]) -> Iterator[Problem]:
    """Yield what Windows takes for one path among wheels that share a platform package."""
    paths = {plan.distribution: [member.path for member in plan.members] for plan in plans}
    yield from (_clash(sentence) for sentence in names.clashes(paths))


def _holder(request: PlanRequest, wheel: WheelPlan, links: DevelLinks, facts: Mapping[str, PeFacts]) -> Holder:
    product = next(one for one in request.wheels if one.filename == wheel.filename)
    spec = request.specs.package(wheel.package)
    pins = requirements(product, spec, request.products)
    package = Package(
        name=wheel.distribution,
        role=wheel.package,
        directory=product.platform_package,
        requires=tuple(pin.partition("==")[0] for pin in pins),
        files={member.path: facts[member.sha256] for member in wheel.members if member.sha256 in facts},
    )
    return Holder(package=package, is_devel=spec.rule == "devel", links=_links(request, product, links))


def _links(request: PlanRequest, product: Product, links: DevelLinks) -> dict[str, str]:
    """Return path -> target, both below site-packages, of the wheel's link table."""
    rows = links.of(product.package)
    if rows is None:
        return {}
    root = devel_root(product, request.products)
    return {join(root, row.path): join(row.platform_package, row.target) for row in rows}


def _with_table(wheel: WheelPlan, holder: Holder, packages: Sequence[Package], lists: Lists) -> WheelPlan:
    if holder.is_devel or not any(facts.library for facts in holder.package.files.values()):
        return wheel
    path, text = loads_table(holder.package, packages, lists)
    member = Member(path=path, kind="text", mode=0o644, argument=text)
    members = sorted([*wheel.members, member], key=lambda member: member.path)
    return msgspec.structs.replace(wheel, members=tuple(members))


def _misplaced(sources: Iterable[ClaimedEntry]) -> Iterator[Problem]:
    for source in sources:
        entry = source.entry
        if entry.kind == "file" and (wrong := kinds.misplaced(entry.path, entry.pe, entry.elf)):
            yield Problem(wrong.removeprefix(f"{entry.path}: "), f"{source.artifact}: {entry.path}")


def _names(request: PlanRequest, wheels: Sequence[WheelPlan], links: DevelLinks, budget: int) -> Iterator[Problem]:
    paths = {wheel.distribution: [member.path for member in wheel.members] for wheel in wheels}
    for product in request.wheels:
        paths[product.distribution] += _links(request, product, links)
    for path in sorted({path for group in paths.values() for path in group}):
        for sentence in (*names.unfit([path]), *names.too_long([path], budget)):
            yield Problem(sentence.removeprefix(f"{path}: "), path)
    yield from (_clash(sentence) for sentence in names.clashes(paths))


def _clash(sentence: str) -> Problem:
    path, _, rest = sentence.partition(" ")
    return Problem(rest, path)
