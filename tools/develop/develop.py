"""Develop: an environment holds exactly what installing the wheels would have put there, and no wheel is built.

What changed is written beside what is there and moved into its place; RECORD comes last, then the links of the devel
trees. Before the first change the paths that may change are written down, so that a run after one that was killed
knows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tools.artifact.source import ArtifactSource, Spans
from tools.develop.change import Change
from tools.develop.environment import Environment, find_environment
from tools.develop.exclusive import exclusive, parts_of
from tools.develop.holding import metadata_directories
from tools.develop.links import make_links, tree_stamp
from tools.develop.model import Link, Package
from tools.develop.package import REQUESTED, built_package, planned_package
from tools.develop.put import Putter
from tools.develop.sdist import SdistBuild, built_wheel
from tools.develop.todo import Todo, todo_of
from tools.errors import UserError
from tools.files import read_json
from tools.naming import project_name
from tools.plan.model import WheelPlan
from tools.workers.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One distribution that is asked for."""

    plan: Path
    folder: Path  # its own: of its states, and what its direct_url.json names
    requested: bool  # by its name, rather than as what another needs
    sdist: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopRequest:
    """What an environment is to hold."""

    venv: Path
    parts: tuple[Part, ...]
    artifacts: ArtifactSource
    family: str = ""  # that the wheel of the sdist is for; "": whatever this machine says
    detection: Path | None = None  # a wheel with what the sdist may ask for GPUs
    make_trees: bool = True  # make the links of the devel trees; else only those of trees that are made already
    link: Link = "copy"
    wait: bool = True


def develop(request: DevelopRequest, context: Context) -> dict[str, object]:
    """Make the environment hold what is asked for; return how many "files" and "bytes" were written, how many were
    "removed", a "line" that says so, and "notes".

    :raises InputChanged: when a source is not what its plan says.
    :raises UserError: when the environment is none or cannot be written, or something else is in the way.
    """
    environment = find_environment(request.venv)
    with exclusive(environment, wait=request.wait):
        todos = _todos(request, environment)
        change = Change(environment, todos)
        if change.todos:
            spans = Spans(request.artifacts)
            change.run(Putter(environment, parts_of(environment), spans, context, request.link))
        _link(request, environment, todos, changed=bool(change.todos))
    return {
        "files": change.files,
        "bytes": change.bytes,
        "removed": change.removed,
        "line": f"develop {environment.directory}: {change.text()}",
        "notes": list(_notes(environment)),
    }


def _todos(request: DevelopRequest, environment: Environment) -> list[Todo]:
    directories = metadata_directories(environment)
    todos = []
    for part in request.parts:
        package = _package(request, part, environment)
        found = directories.get(project_name(package.distribution), [])
        todos.append(todo_of(environment, part.folder, package, found))
    return todos


def _package(request: DevelopRequest, part: Part, environment: Environment) -> Package:
    plan = read_json(part.plan, WheelPlan)
    requested = part.requested or (environment.site / plan.dist_info / REQUESTED).exists()
    if part.sdist:
        build = SdistBuild(plan=plan, family=request.family, detection=request.detection, folder=part.folder)
        wheel = built_wheel(build, environment)
        package = built_package(plan, wheel, part.folder, environment, requested=requested)
    else:
        package = planned_package(plan, part.plan, part.folder, environment, requested=requested)
    _check_python(environment, package)
    return package


def _check_python(environment: Environment, package: Package) -> None:
    from packaging.specifiers import SpecifierSet

    if not SpecifierSet(package.requires_python).contains(environment.version, prereleases=True):
        raise UserError(
            f"venv: {environment.directory} has Python {environment.version}, and {package.distribution} needs "
            f"{package.requires_python}; make one with a newer Python"
        )


def _link(request: DevelopRequest, environment: Environment, todos: list[Todo], *, changed: bool) -> None:
    """Make the links of the devel trees, unless nothing can have changed in them."""
    trees = {todo.package.tree: todo for todo in todos if todo.package.tree} if request.make_trees else {}
    stamps = {root: tree_stamp(environment, root) for root in trees}
    if not changed and all(stamp and stamp == trees[root].state.tree for root, stamp in stamps.items()):
        return
    make_links(environment, sorted(trees))
    for root, todo in trees.items():
        todo.links_are_made(tree_stamp(environment, root))


def _notes(environment: Environment) -> list[str]:
    lock = environment.directory.parent / "uv.lock"
    if not lock.exists():
        return []
    return [
        f"{lock}: `uv sync` and `uv run` put back what it locks; `uv run --no-sync` keeps what develop put into "
        f"{environment.directory}"
    ]
