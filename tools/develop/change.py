"""The changes of one run in an environment, in the order that makes a kill at any moment harmless."""

from __future__ import annotations

import os
from collections import ChainMap
from collections.abc import Sequence, Set

from packaging.specifiers import SpecifierSet

from tools.artifact.source import Spans
from tools.develop.difference import in_the_way
from tools.develop.environment import Environment
from tools.develop.exclusive import parts_of, trees_held
from tools.develop.holding import metadata_directories, owners
from tools.develop.links import follow, followers
from tools.develop.model import Held, Item, Package
from tools.develop.package import REQUESTED, built_package, planned_package
from tools.develop.part import DevelopRequest, Known, Part
from tools.develop.put import Putter
from tools.develop.remove import remove_all
from tools.develop.sdist import SdistBuild, built_wheel
from tools.develop.todo import Todo, todo_of
from tools.errors import UserError, listed
from tools.naming import project_name
from tools.plan.model import WheelPlan
from tools.values import read_json
from tools.workers.context import Context

OURS = "rocm"  # how the names of all our projects begin


def change(
    request: DevelopRequest, environment: Environment, parts: Sequence[Known], context: Context, held: int
) -> dict[str, int]:
    """Make the environment hold these parts; return how many "files" and "bytes" were written, how many "removed".

    ``held`` is the lock of the environment.

    :raises UserError: when something is in the way, or cannot be written or removed.
    """
    directories = metadata_directories(environment)
    todos = []
    for known in parts:
        package = _package(request, known.part, environment, held)
        todos.append(todo_of(environment, known, package, directories.get(project_name(package.distribution), [])))
    run = _Change(environment, todos)
    if run.todos:
        spans = Spans(request.artifacts, context.fetching)
        with trees_held(environment):
            run.all(Putter(environment, parts_of(environment), spans, context, request.link))
    for todo in todos:
        if todo.is_done:  # made from something else that gives the same
            todo.end(todo.known.state.held)
    return {"files": run.files, "bytes": run.bytes, "removed": run.removed}


def _package(request: DevelopRequest, part: Part, environment: Environment, held: int) -> Package:
    plan = read_json(part.plan, WheelPlan)
    requested = part.requested or (environment.site / plan.dist_info / REQUESTED).exists()
    if part.sdist:
        build = SdistBuild(plan=plan, family=request.family, detection=request.detection, folder=part.folder)
        wheel = built_wheel(build, environment, held)
        package = built_package(plan, wheel, part.folder, environment, requested=requested)
    else:
        package = planned_package(plan, part.plan, part.folder, environment, requested=requested)
    if not SpecifierSet(package.requires_python).contains(environment.version, prereleases=True):
        raise UserError(
            f"venv: {environment.directory} has Python {environment.version}, and {package.distribution} needs "
            f"{package.requires_python}; make one with a newer Python"
        )
    return package


class _Change:
    """Puts, removes and records what has to be, and counts it."""

    def __init__(self, environment: Environment, todos: Sequence[Todo]) -> None:
        self._environment, self._all = environment, todos
        self.todos = [todo for todo in todos if not todo.is_done]
        self.files = self.bytes = self.removed = 0

    def all(self, putter: Putter) -> None:
        """Do it."""
        self._check_foreign()
        gone = self._gone()
        items = [item for todo in self.todos for item in todo.put]
        links = followers(self._environment, {item.path for item in items})
        for todo in self.todos:
            todo.begin(place for place, source in links.items() if source in todo.package.items)
        self.removed += remove_all(self._environment, in_the_way(gone, (item.path for item in items)))
        put = self._put(putter, items, {path for todo in self.todos if todo.is_fresh for path in todo.package.items})
        follow(self._environment, parts_of(self._environment), links)
        self.removed += remove_all(self._environment, gone)
        for todo in self.todos:
            known = ChainMap(self._put(putter, todo.metadata), put, todo.known.state.held)
            held = {path: known[path] for path in todo.package.items}
            held[todo.package.record] = putter.put(todo.record(held))
            todo.end(held)

    def _put(self, putter: Putter, items: Sequence[Item], fresh: Set[str] = frozenset()) -> dict[str, Held]:
        held = {}
        for item, one in putter.put_all(items, fresh):
            held[item.path] = one
            self.files += 1
            self.bytes += one.stamp[0]
        return held

    def _gone(self) -> set[str]:
        """Return what nobody has any more: what one package lost another may have, in this run or in its RECORD."""
        gone = {path for todo in self.todos for path in todo.difference.gone}
        gone -= {path for todo in self._all for path in (*todo.package.items, todo.package.record)}
        if gone:
            ours = [name for todo in self._all for name in todo.directories]
            gone -= owners(self._environment, ours, frozenset(gone)).keys()
        return gone

    def _check_foreign(self) -> None:
        """Refuse to replace files of packages that are not ours."""
        new = (i.path for todo in self.todos for i in todo.difference.put if i.path not in todo.before)
        there = frozenset(path for path in new if os.path.lexists(f"{self._environment.site}/{path}"))
        if not there:
            return
        found = metadata_directories(self._environment)
        ours = [name for project, names in found.items() if project.startswith(OURS) for name in names]
        if foreign := owners(self._environment, ours, there):
            culprits = listed(f"{path} of {name}" for path, name in foreign.items())
            raise UserError(
                f"{self._environment.site}: other packages have files where ROCm's go: {culprits}; uninstall them first"
            )
