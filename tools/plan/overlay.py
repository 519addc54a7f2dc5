"""Which package takes each file of the artifacts, and one tree out of many base dirs."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby, islice, takewhile
from typing import NamedTuple

import msgspec

from tools.catalog.model import Catalog, Entry
from tools.plan.model import LeftOut
from tools.plan.patterns import compile_patterns, matches
from tools.plan.problem import Problem
from tools.plan.spec import GENERIC, Claim, LayoutPackage, PackageSpec, Preference, Specs

RESERVED = ".rocm-sdk"  # directory in a devel root: journal and stamp of `rocm-sdk init`


class Source(msgspec.Struct, frozen=True, gc=False):
    """One path of one artifact and who takes it."""

    artifact: str  # "blas_lib_gfx94X-dcgpu"
    base_dir: str
    entry: Entry
    runtime: str  # the runtime package that ships it, "" for none
    devel: bool  # devel takes it, or links to it

    @property
    def location(self) -> str:
        """Return where the file lies below the artifact directory."""
        return f"{self.artifact}/{self.base_dir}/{self.entry.path}"


class Selection(NamedTuple):
    """What a set of catalogs holds for the packages."""

    sources: list[Source]
    left_out: list[LeftOut]
    problems: list[Problem]

    def leave_out(self, artifact: str, path: str, problem: Problem) -> None:
        """Note a path that no wheel can take, and the problem that it is."""
        self.left_out.append(LeftOut(artifact=artifact, path=path, reason=problem.reason))
        self.problems.append(problem)


class MergedTree(NamedTuple):
    """The base dirs of many artifacts laid over each other."""

    paths: dict[str, Source]  # files, links and empty directories, in order of their paths
    directories: set[str]  # every directory above a path, "" included
    left_out: list[LeftOut]
    problems: list[Problem]


def select(catalogs: Iterable[Catalog], specs: Specs) -> Selection:
    """Return every entry of the catalogs with the packages that take it; the others with the reason.

    A path that two runtime packages claim is a problem: the specs must say which one ships it.
    """
    selection = Selection([], [], [])
    for catalog in sorted(catalogs, key=lambda catalog: catalog.artifact):
        _select_catalog(catalog, specs, selection)
    return selection


def overlay(sources: Sequence[Source], preferences: Sequence[Preference]) -> MergedTree:
    """Return the sources as one tree. Equal files are one; different ones need a preference, or are a problem.

    All sources of a path are looked at together, so that nothing depends on their order.
    """
    tree = MergedTree({}, {""}, [], [])
    ordered = sorted(sources, key=lambda source: (source.entry.path, source.artifact, source.entry.base))
    for path, group in groupby(ordered, key=lambda source: source.entry.path):
        first, *others = group
        chosen = _one_of([first, *others], preferences, tree) if others else first
        if chosen is None:
            continue
        tree.paths[path] = chosen
        parent = path.rpartition("/")[0]
        while parent not in tree.directories:
            tree.directories.add(parent)
            parent = parent.rpartition("/")[0]
    _check_directories(tree)
    return tree


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
            Source(catalog.artifact, catalog.base_dirs[entry.base], entry, takers[0] if takers else "", devel)
        )
    if claims and packaged and len(selection.sources) == before:
        packages = " and ".join(sorted({package for package, _ in claims}))
        reason = f"{packages} claims it and takes none of its files; widen include in packages/*.toml, or list it in "
        selection.problems.append(Problem(f"{reason}ignored.toml", catalog.artifact))


def _claims_of(specs: Specs, name: str, component: str, family: str) -> tuple[list[tuple[str, Claim]], bool]:
    """Return the runtime packages' claims on an artifact, and whether devel has it."""
    runtime: list[tuple[str, Claim]] = []
    devel = False
    for package, cut in zip(specs.packages, specs.cuts, strict=True):
        for claim in package.claims:
            if name in claim.artifacts and component in claim.components:
                if package.rule == "devel":
                    devel = True
                elif _takes(cut, family):
                    runtime.append((package.name, claim))
    return runtime, devel


def _takes(cut: LayoutPackage, family: str) -> bool:
    if family == GENERIC:
        return "generic" in cut.per or "generic" in cut.takes
    return set(cut.per) != {"generic"}


def _is_byte_code(path: str) -> bool:
    return path.endswith((".pyc", ".pyo")) or path.startswith("__pycache__/") or "/__pycache__/" in path


def _one_of(sources: list[Source], preferences: Sequence[Preference], tree: MergedTree) -> Source | None:
    """Return what stands for all sources of one path, None where nothing says which of them does.

    What is left out and what is a problem goes to ``tree``.
    """
    winners = sources if len(_contents(sources)) == 1 else _preferred(sources, preferences) or sources
    if len(_contents(winners)) > 1:
        problem = _clash(winners)
        tree.problems.append(problem)
        tree.left_out.extend(
            LeftOut(artifact=one.artifact, path=one.entry.path, reason=problem.reason) for one in sources
        )
        return None
    kept = next((source for source in winners if source.runtime), winners[0])
    for source in sources:
        if source is not kept:
            same = source in winners
            reason = "the same file as in" if same else "overlaps.toml prefers the one of"
            row = LeftOut(artifact=source.artifact, path=source.entry.path, reason=f"{reason} {kept.artifact}")
            tree.left_out.append(row)
    return _united(kept, winners)


def _contents(sources: Iterable[Source]) -> set[tuple[str, str, str]]:
    return {(source.entry.kind, source.entry.sha256, source.entry.target) for source in sources}


def _united(kept: Source, same: Sequence[Source]) -> Source:
    """Return ``kept`` as all that have its content say together: with an exec bit if one has it, in devel if one is."""
    bits = 0o111 if any(source.entry.mode & 0o111 for source in same) else 0
    entry = msgspec.structs.replace(kept.entry, mode=kept.entry.mode | bits)
    return msgspec.structs.replace(kept, entry=entry, devel=any(source.devel for source in same))


def _preferred(sources: Sequence[Source], preferences: Sequence[Preference]) -> list[Source]:
    """Return the sources of the artifact that the first fitting preference names; [] where none fits."""
    for preference in preferences:
        if matches(sources[0].entry.path, (preference.path,)) and (
            found := [source for source in sources if source.artifact.split("_")[0] == preference.artifact]
        ):
            return found
    return []


def _clash(sources: Sequence[Source]) -> Problem:
    path, artifacts = sources[0].entry.path, sorted({source.artifact for source in sources})
    if len(artifacts) == 1:
        places = " and ".join(sorted({source.base_dir for source in sources}))
        return Problem(f"{artifacts[0]} ships different files under this path, in {places}; leave one out", path)
    *most, last = artifacts
    names = {artifact.split("_")[0] for artifact in artifacts}  # which overlaps.toml tells apart
    choice = ", or say in overlaps.toml which one wins" if len(names) > 1 else ""
    reason = f"{', '.join(most)} and {last} ship different files under this path; leave one out{choice}"
    return Problem(reason, path)


def _check_directories(tree: MergedTree) -> None:
    for path in sorted(tree.directories & tree.paths.keys()):
        source = tree.paths[path]
        if source.entry.kind == "dir":
            del tree.paths[path]
            continue
        below = next(other for name, other in tree.paths.items() if name.startswith(f"{path}/"))
        what = "link" if source.entry.kind == "link" else "file"
        reason = f"a {what} in {source.artifact} and a directory in {below.artifact}; leave one of them out"
        tree.problems.append(Problem(reason, path))
        tree.left_out.append(LeftOut(artifact=source.artifact, path=path, reason=reason))
        del tree.paths[path]
