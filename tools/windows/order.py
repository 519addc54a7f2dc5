"""In what order DLLs have to be loaded, so that each finds what it needs already there. Pure.

Native code that calls ``LoadLibrary("x.dll")`` sees neither the directory of its own DLL nor those that Python added,
but it does see what is loaded: so delayed imports and loads at run time come before their user, like imports.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from tools.windows.closure import Problem, runtime_needed
from tools.windows.lists import RUNTIME_LOADS, Lists, Load
from tools.windows.search import Package, Set

TABLE = ".loads.json"  # ending of the table's name, beside .package.json (rocm_sdk/_loads.py reads it)


def load_order(packages: Iterable[Package], lists: Lists) -> dict[str, tuple[str, ...]]:
    """Return, for each DLL that needs others of the set, their paths in the order to load them in.

    DLLs that need each other are no error: Windows loads such a group at once.
    """
    found = Set(tuple(packages))
    needs = {path: _needs(found, lists, path) for path, facts in sorted(found.files.items()) if facts.library}
    return {path: before for path in needs if (before := tuple(_before(path, needs)))}


def loads_table(package: Package, packages: Iterable[Package], lists: Lists) -> tuple[str, str]:
    """Return the member that tells the runtime in what order to load a wheel's DLLs: its path, and JSON."""
    order = load_order(packages, lists)
    before = {path: order[path] for path in sorted(package.files) if path in order}
    content = {"before": before, "runtime": runtime_needed(package, lists)}
    path = f"{package.directory}/{package.name.replace('-', '_')}{TABLE}"
    return path, json.dumps(content, indent=1, sort_keys=True) + "\n"


def load_problems(packages: Iterable[Package], lists: Lists) -> list[Problem]:
    """Return what is wrong with the table of run-time loads, looked at with a set of wheels, sorted."""
    found = Set(tuple(packages))
    problems = []
    for load in lists.loads:
        users = [path for path in found.files if _is(found, path, load.user)]
        for path in users:
            targets = _targets(found, path, load)
            if len(targets) != 1:
                what = f"{len(targets)} DLLs are that" if targets else "no DLL is that"
                sentence = f"loads {load.loads} at run time, as {RUNTIME_LOADS} says ({load.reason}), and {what}"
                problems.append(Problem(found.owners[path].name, path, "error", sentence))
        package = _role(found, load.user)
        if package is not None and not users:
            sentence = (
                f"{RUNTIME_LOADS} tells what {load.user} loads, and there is no such DLL; build its artifact, too, or "
                "correct the row"
            )
            problems.append(Problem(package.name, package.directory, "warning", sentence))
    return sorted(set(problems))


def _needs(found: Set, lists: Lists, path: str) -> list[str]:
    facts, directories = found.files[path], found.directories(path)
    wanted = [found.find(one.library, directories) for one in (*facts.imports, *facts.delayed)]
    forwarded = [found.find(target.rpartition(".")[0], directories) for _, target in facts.forwards]
    at_run_time = [
        target for load in lists.loads if _is(found, path, load.user) for target in _targets(found, path, load)
    ]
    every = {place for place in (*wanted, *forwarded, *at_run_time) if place is not None}
    return sorted(every - {path})


def _before(path: str, needs: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Yield what ``path`` needs, each after all that it needs itself."""
    seen, stack = {path}, [(path, iter(needs[path]))]
    while stack:
        current, rest = stack[-1]
        following = next((need for need in rest if need not in seen), None)
        if following is not None:
            seen.add(following)
            stack.append((following, iter(needs.get(following, ()))))
            continue
        stack.pop()
        if current != path:
            yield current


def _targets(found: Set, path: str, load: Load) -> list[str]:
    visible = {package.name for package in found.visible(found.owners[path])}
    return sorted(
        place for place in found.files if found.owners[place].name in visible and _is(found, place, load.loads)
    )


def _is(found: Set, path: str, pattern: str) -> bool:
    role, _, below = pattern.partition(":")
    package = found.owners[path]
    return package.role == role and PurePosixPath(path).match(f"{package.directory}/{below}")


def _role(found: Set, pattern: str) -> Package | None:
    role = pattern.partition(":")[0]
    return next((package for package in found.packages.values() if package.role == role), None)
