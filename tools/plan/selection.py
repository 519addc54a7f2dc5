"""Which package takes each file of the artifacts."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice, takewhile
from typing import NamedTuple

import msgspec

from tools.catalog.model import Catalog, Entry
from tools.plan.model import LeftOut
from tools.plan.patterns import compile_patterns, matches
from tools.plan.problem import Problem
from tools.plan.spec import GENERIC, Claim, LayoutPackage, PackageSpec, Specs

RESERVED = ".rocm-sdk"  # directory in a devel root: journal and stamp of `rocm-sdk init`


class ClaimedEntry(msgspec.Struct, frozen=True, gc=False):
    """One path of one artifact and who takes it."""

    artifact: str  # "blas_lib_gfx94X-dcgpu"
    base_dir: str
    entry: Entry
    package: str  # that ships it, "" for none; devel ships what no other does
    devel: bool  # devel takes it, or links to it

    @property
    def location(self) -> str:
        """Return where the file lies below the artifact directory."""
        return f"{self.artifact}/{self.base_dir}/{self.entry.path}"


class Selection(NamedTuple):
    """What a set of catalogs holds for the packages."""

    sources: list[ClaimedEntry]
    left_out: list[LeftOut]
    problems: list[Problem]

    def leave_out(self, artifact: str, path: str, problem: Problem) -> None:
        """Note a path that no wheel can take, and the problem that it is."""
        self.left_out.append(LeftOut(artifact=artifact, path=path, reason=problem.reason))
        self.problems.append(problem)


def select(catalogs: Iterable[Catalog], specs: Specs) -> Selection:
    """Return every entry of the catalogs with the packages that take it; the others with the reason.

    A path that two packages claim, devel aside, is a problem: the specs must say which one ships it.
    """
    selection = Selection([], [], [])
    for catalog in sorted(catalogs, key=lambda catalog: catalog.artifact):
        _select_catalog(catalog, specs, selection)
    return selection


def unmatched(selections: Sequence[Selection], specs: Specs, packages: Collection[str]) -> list[str]:
    """Return a sentence for each pattern of the packages that matches no path of the artifacts that they claim."""
    below: dict[str, list[str]] = {}
    for selection in selections:
        for source in selection.sources:
            below.setdefault(source.artifact, []).append(source.entry.path)
        for row in selection.left_out:
            below.setdefault(row.artifact, []).append(row.path)
    sentences = []
    for spec in specs.packages:
        patterns = list(dict.fromkeys(_patterns(spec))) if spec.name in packages else []
        claimed = [name for name in below if patterns and spec.claims_component(*name.split("_")[:2])]
        paths = sorted({p for name in claimed for path in below[name] for p in (path, unversioned(path))})
        sentences += [
            f"{spec.name}: the {key} pattern {pattern!r} matches no file"
            for key, pattern in patterns
            if not _any_match(pattern, paths)
        ]
    return sentences


def unversioned(path: str) -> str:
    """Return ``lib/libx.so`` of ``lib/libx.so.1.2``, and any other path as it is."""
    return re.sub(r"\.so(?:\.[0-9]+)+\Z", ".so", path)


def _patterns(spec: PackageSpec) -> Iterator[tuple[str, str]]:
    for claim in spec.claims:
        yield from (("include", pattern) for pattern in claim.include)
        yield from (("exclude", pattern) for pattern in claim.exclude)
    yield from (("forwarders", pattern) for pattern in spec.forwarders)
    yield from (("also_in_lib", pattern) for pattern in spec.also_in_lib)
    yield from (("not_exposed", pattern) for pattern in spec.not_exposed)


def _any_match(pattern: str, paths: Sequence[str]) -> bool:
    """Say whether the pattern matches one of the sorted paths.

    A pattern that begins with ``**/`` is taken to match: it names no place where a file could be missing.
    """
    fixed = re.split(r"[*?]", pattern, maxsplit=1)[0].rstrip("/")
    near = takewhile(lambda path: path.startswith(fixed), islice(paths, bisect_left(paths, fixed), None))
    return not fixed or any(matches(path, (pattern,)) for path in near)


def _select_catalog(catalog: Catalog, specs: Specs, selection: Selection) -> None:
    name, component, family = catalog.artifact.split("_")
    claims, devel = _claims_of(specs, name, component, family)
    tests = [(package, compile_patterns(claim.include), compile_patterns(claim.exclude)) for package, claim in claims]
    before, packaged = len(selection.sources), False
    for entry in catalog.entries:
        path = entry.path
        if _is_byte_code(path):
            selection.left_out.append(LeftOut(artifact=catalog.artifact, path=path, reason="Python byte code"))
            continue
        if ignored := next((row for row in specs.ignored_files if matches(path, (row.path,))), None):
            selection.left_out.append(LeftOut(artifact=catalog.artifact, path=path, reason=ignored.reason))
            continue
        packaged = True
        if path.startswith(RESERVED) and path.split("/", 1)[0] == RESERVED:
            reason = f"{RESERVED} is where rocm-sdk keeps its state"
            selection.leave_out(catalog.artifact, path, Problem(reason, f"{catalog.artifact}: {path}"))
            continue
        takers = [
            package
            for package, include, exclude in tests
            if (include is None or include.match(path)) and not (exclude is not None and exclude.match(path))
        ]
        if len(takers) > 1 and len(set(takers)) > 1:
            reason = f"claimed by {' and '.join(sorted(set(takers)))}; exclude it from all but one"
            selection.leave_out(catalog.artifact, path, Problem(reason, f"{catalog.artifact}: {path}"))
            continue
        if not takers and not devel:
            reason = f"not among the files that {' and '.join(sorted({p for p, _ in claims})) or 'any package'} takes"
            selection.left_out.append(LeftOut(artifact=catalog.artifact, path=path, reason=reason))
            continue
        selection.sources.append(
            ClaimedEntry(catalog.artifact, catalog.base_dirs[entry.base], entry, takers[0] if takers else "", devel)
        )
    if claims and packaged and len(selection.sources) == before:
        packages = " and ".join(sorted({package for package, _ in claims}))
        reason = f"{packages} claims it and takes none of its files; widen include in packages/*.toml, or list it in "
        selection.problems.append(Problem(f"{reason}ignored.toml", catalog.artifact))


def _claims_of(specs: Specs, name: str, component: str, family: str) -> tuple[list[tuple[str, Claim]], bool]:
    """Return the claims of all packages but devel on an artifact, and whether devel has it."""
    claims: list[tuple[str, Claim]] = []
    devel = False
    for package, cut in zip(specs.packages, specs.cuts, strict=True):
        for claim in package.claims:
            if name in claim.artifacts and component in claim.components:
                if package.rule == "devel":
                    devel = True
                elif _takes(cut, family):
                    claims.append((package.name, claim))
    return claims, devel


def _takes(cut: LayoutPackage, family: str) -> bool:
    if family == GENERIC:
        return "generic" in cut.per or "generic" in cut.takes
    return set(cut.per) != {"generic"}


def _is_byte_code(path: str) -> bool:
    return path.endswith((".pyc", ".pyo")) or path.startswith("__pycache__/") or "/__pycache__/" in path
