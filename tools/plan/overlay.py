"""One tree out of many base dirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

import msgspec

from tools.plan.model import LeftOut
from tools.plan.patterns import matches
from tools.plan.problem import Problem
from tools.plan.selection import ClaimedEntry
from tools.plan.spec import Preference


class MergedTree(NamedTuple):
    """The base dirs of many artifacts laid over each other."""

    paths: dict[str, ClaimedEntry]  # files, links and empty directories, in order of their paths
    directories: set[str]  # every directory above a path, "" included
    left_out: list[LeftOut]
    problems: list[Problem]


def overlay(sources: Sequence[ClaimedEntry], preferences: Sequence[Preference]) -> MergedTree:
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


def _one_of(sources: list[ClaimedEntry], preferences: Sequence[Preference], tree: MergedTree) -> ClaimedEntry | None:
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
    kept = next((source for source in winners if source.package), winners[0])
    for source in sources:
        if source is not kept:
            same = source in winners
            reason = "the same file as in" if same else "overlaps.toml prefers the one of"
            row = LeftOut(artifact=source.artifact, path=source.entry.path, reason=f"{reason} {kept.artifact}")
            tree.left_out.append(row)
    return _united(kept, winners)


def _contents(sources: Iterable[ClaimedEntry]) -> set[tuple[str, str, str]]:
    return {(source.entry.kind, source.entry.sha256, source.entry.target) for source in sources}


def _united(kept: ClaimedEntry, same: Sequence[ClaimedEntry]) -> ClaimedEntry:
    """Return ``kept`` as all that have its content say together: with an exec bit if one has it, in devel if one is."""
    bits = 0o111 if any(source.entry.mode & 0o111 for source in same) else 0
    entry = msgspec.structs.replace(kept.entry, mode=kept.entry.mode | bits)
    return msgspec.structs.replace(kept, entry=entry, devel=any(source.devel for source in same))


def _preferred(sources: Sequence[ClaimedEntry], preferences: Sequence[Preference]) -> list[ClaimedEntry]:
    """Return the sources of the artifact that the first fitting preference names; [] where none fits."""
    for preference in preferences:
        if matches(sources[0].entry.path, (preference.path,)) and (
            found := [source for source in sources if source.artifact.split("_")[0] == preference.artifact]
        ):
            return found
    return []


def _clash(sources: Sequence[ClaimedEntry]) -> Problem:
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
