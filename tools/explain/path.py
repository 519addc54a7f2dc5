"""Where a path of the artifacts went: into which wheel and in which form, or why it was left out."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from posixpath import basename, dirname, join, normpath
from typing import NamedTuple

import msgspec

from tools.catalog.model import Catalog
from tools.errors import UserError, listed
from tools.plan.devel import Link
from tools.plan.model import FamilyReport, LeftOut, Member, WheelPlan
from tools.plan.patterns import matches
from tools.values import decode_json, read_json

SHOWN = 20  # paths told of in full before "and N more"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainRequest:
    """A path as a user types it, and the plans to look in."""

    path: str  # in an artifact, a wheel or a devel tree; whole, or its end, or a pattern
    plans: tuple[Path, ...]
    reports: tuple[Path, ...]
    catalogs: tuple[Path, ...] = ()  # looked into for a path that no plan has


class Fate(NamedTuple):
    """What became of one path for one family."""

    rank: int  # order of telling: wheels that ship it, devel links to it, artifacts that it was left out of
    path: str  # as it lies in the wheel, the devel tree or, left out, in its artifact
    lines: tuple[str, ...]


class _Row(NamedTuple):
    names: tuple[str, ...]  # by which it is found
    tell: Callable[[], Fate]


class _Links(msgspec.Struct, frozen=True):
    root: str
    links: tuple[Link, ...]


def explain(request: ExplainRequest) -> list[str]:
    """Return the lines that tell what became of the path, for every family.

    A path that a catalog has and no plan names is told of, too: it is asked for when a plan failed.
    :raises UserError: when nothing has a path like it, with the nearest one; or when nothing is planned yet.
    """
    missing = [path for path in (*request.plans, *request.reports) if not path.exists()]
    rows = list(_rows(request))
    found = _matching(request.path, rows)
    rest = [f"{missing[0]}: not there yet; run `doit plan` for the rest"] if found and missing else []
    if not found:
        unplanned = list(_catalog_rows(request))
        found = _matching(request.path, unplanned)
        rows += unplanned
    if not found and missing:
        raise UserError(f"{missing[0]}: not there yet; run doit plan")
    if not found:
        unseen = [path.stem for path in request.catalogs if not path.exists()]  # planning needs no catalog of them
        others = f"; `doit catalog` looks into {listed(unseen)}, too" if unseen else ""
        hint = _suggestion(request.path, rows)
        raise UserError(f"no artifact and no wheel has the path {request.path!r}{hint}{others}")
    fates: dict[tuple[int, str], list[tuple[str, ...]]] = {}
    for row in found:
        fate = row.tell()
        fates.setdefault((fate.rank, fate.path), []).append(fate.lines)
    lines = []
    for rank, path in sorted(fates)[:SHOWN]:
        lines.append(path)
        lines += [f"  {line}" for told in dict.fromkeys(fates[rank, path]) for line in told]
    more = [f"and {len(fates) - SHOWN} more paths"] if len(fates) > SHOWN else []
    return [*lines, *more, *rest]


def unused_names(reports: Iterable[Path]) -> list[str]:
    """Return the sentences of all reports on what the specs name and no artifact has."""
    found = [read_json(path, FamilyReport).unused for path in filter(Path.exists, reports)]
    nothing = "artifacts have all that the specs name, as far as they are planned"
    return sorted({sentence for sentences in found for sentence in sentences}) or [nothing]


def _rows(request: ExplainRequest) -> Iterator[_Row]:
    for path in filter(Path.exists, request.plans):
        plan = read_json(path, WheelPlan)
        for member in plan.members:
            below = member.path.partition("/")[2]
            source = member.source.split("/", 1)[-1]
            yield _Row((member.path, below, member.source, source), _teller(_shipped, plan, member))
            if member.path.endswith(".links.json"):
                yield from _link_rows(plan, member)
    for path in filter(Path.exists, request.reports):
        report = read_json(path, FamilyReport)
        for row in report.left_out:
            if row.path:
                yield _Row((row.path, f"{row.artifact}/{row.path}"), _teller(_left_out, report, row))


def _catalog_rows(request: ExplainRequest) -> Iterator[_Row]:
    reports = [read_json(path, FamilyReport) for path in filter(Path.exists, request.reports)]
    whole = {row.artifact: (report, row) for report in reports for row in report.left_out if not row.path}
    for path in filter(Path.exists, request.catalogs):
        catalog = read_json(path, Catalog)
        for entry in catalog.entries:
            below = f"{catalog.base_dirs[entry.base]}/{entry.path}"
            names = (entry.path, f"{catalog.artifact}/{below}", below)
            yield _Row(names, _teller(_unplanned, catalog.artifact, entry.path, whole.get(catalog.artifact)))


def _link_rows(plan: WheelPlan, member: Member) -> Iterator[_Row]:
    table = decode_json(member.argument, _Links)
    for link in table.links:
        yield _Row((join(table.root, link.path), link.path), _teller(_linked, plan, (table.root, link)))


def _teller(tell: Callable[..., Fate], *arguments: object) -> Callable[[], Fate]:
    return lambda: tell(*arguments)


def _shipped(plan: WheelPlan, member: Member) -> Fate:
    source = f"from {member.source}, {_size(member.size)}" if member.source else "generated"
    return Fate(0, member.path, (f"{plan.family}: in {plan.distribution}", f"  {source}, {_form(member)}"))


def _form(member: Member) -> str:
    match member.kind:
        case "rpath":
            return f"RPATH set to {member.argument}" if member.argument else "RPATH removed"
        case "stub":
            return f"a program that runs {normpath(join(dirname(member.path), member.argument))}"
        case "forwarder":
            return f"a library that loads {member.argument}"
        case "text":
            return _size(len(member.argument.encode()))
        case _:
            return "as it is"


def _linked(plan: WheelPlan, where: tuple[str, Link]) -> Fate:
    root, link = where
    form = "a symbolic link" if link.kind == "symlink" else "a hard link or a copy of its own"
    target = join(link.platform_package, link.target)
    told = f"{plan.family}: made by rocm-sdk init for {plan.distribution}, {form}: {target}"
    return Fate(1, join(root, link.path), (told,))


def _left_out(report: FamilyReport, row: LeftOut) -> Fate:
    return Fate(2, row.path, (_told_left_out(report, row),))


def _told_left_out(report: FamilyReport, row: LeftOut) -> str:
    return f"{report.family}: left out of {row.artifact}: {row.reason}"


def _unplanned(artifact: str, path: str, whole: tuple[FamilyReport, LeftOut] | None) -> Fate:
    told = f"in {artifact}, and no plan of it is there; run `doit plan` to see why"
    return Fate(2, path, (_told_left_out(*whole) if whole else told,))


def _matching(wanted: str, rows: Iterable[_Row]) -> list[_Row]:
    """Return the rows with exactly this path; else those that end with it; else those that it matches as a pattern."""
    wanted = wanted.strip("/")
    rows = list(rows)
    if exact := [row for row in rows if wanted in row.names]:
        return exact
    tail = f"/{wanted}"
    if ending := [row for row in rows if any(name.endswith(tail) for name in row.names)]:
        return ending
    if not any(letter in wanted for letter in "*?"):
        return []
    patterns = (wanted, f"**/{wanted}")
    return [row for row in rows if any(matches(name, patterns) for name in row.names)]


def _suggestion(wanted: str, rows: Sequence[_Row]) -> str:
    name = basename(wanted.strip("/"))
    names = sorted({basename(row.names[0]) for row in rows})
    near = [one for one in names if abs(len(one) - len(name)) <= 4]  # so that thousands of names take no time
    close = difflib.get_close_matches(name, near, n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else "; a part of a path may be given as a pattern, such as '*.so*'"


def _size(count: int) -> str:
    return f"{count:,} bytes"
