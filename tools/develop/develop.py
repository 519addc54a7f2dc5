"""Develop: an environment holds exactly what installing the wheels would have put there, and no wheel is built.

What changed is written beside what is there and moved into its place; RECORD comes last, then the links of the devel
trees. Before the first change the paths that may change are written down, so that a run after one that was killed
knows them.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tools.develop.environment import Environment, find_environment
from tools.develop.exclusive import exclusive
from tools.develop.holding import metadata_directories, stamp_of
from tools.develop.part import DevelopRequest, Known, known_of
from tools.values import write_json
from tools.workers.context import Context

TREE_STAMP = ".rocm-sdk/stamp"  # in a devel tree: what the runtime writes when its links are made


def develop(request: DevelopRequest, context: Context) -> dict[str, object]:
    """Make the environment hold what is asked for; return how many "files" and "bytes" were written, how many were
    "removed", a "line" that says so, and "notes".

    :raises InputChanged: when a source is not what its plan says.
    :raises UserError: when the environment is none or cannot be written, or something else is in the way.
    """
    environment = find_environment(request.venv)
    counts = {"files": 0, "bytes": 0, "removed": 0}
    with exclusive(environment, wait=request.wait) as held:
        directories = metadata_directories(environment)
        parts = [known_of(request, part, environment) for part in request.parts]
        changed = [known for known in parts if not known.is_settled(environment, directories)]
        if changed:
            from tools.develop.change import change

            counts = change(request, environment, changed, context, held)
        _link(request, environment, parts, held, changed=any(counts.values()))
    done = f"{counts['files']} files written, {counts['removed']} removed" if any(counts.values()) else "up to date"
    line = f"develop {environment.directory}: {done}"
    return {**counts, "line": line, "notes": _notes(environment)}


def _link(
    request: DevelopRequest, environment: Environment, parts: Sequence[Known], held: int, *, changed: bool
) -> None:
    """Make the links of the devel trees, unless nothing can have changed in them."""
    trees = {known.state.tree: known for known in parts if known.state.tree} if request.make_trees else {}
    stamps = {root: stamp_of(f"{environment.site}/{root}/{TREE_STAMP}") for root in trees}
    if not changed and all(stamp and stamp == trees[root].state.links for root, stamp in stamps.items()):
        return
    from tools.develop.links import make_links

    make_links(environment, sorted(trees), held)
    for root, known in trees.items():
        links = stamp_of(f"{environment.site}/{root}/{TREE_STAMP}")
        known.state = msgspec.structs.replace(known.state, links=links)
        write_json(known.file, known.state)


def _notes(environment: Environment) -> list[str]:
    lock = environment.directory.parent / "uv.lock"
    if not lock.exists():
        return []
    return [
        f"{lock}: `uv sync` and `uv run` put back what it locks; `uv run --no-sync` keeps what develop put into "
        f"{environment.directory}"
    ]
