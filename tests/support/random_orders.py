"""All jobs of a build, handed to an engine in a random order, which differs from the one that doit would take."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from rules.analysis.project import Project, load_project
from rules.build import build_tasks
from rules.catalog import catalog_tasks
from rules.engines.engine import SMALL, Engine, Load
from rules.loading.settings import read_settings
from rules.plan import WHEEL_SET, plan_tasks
from rules.task import Task
from tests.support.places import ROOT, SPECS
from tools.plan.spec import GENERIC


def build_in_random_order(
    artifacts: Path, build_dir: Path, version: str, engine: Engine, chance: random.Random
) -> None:
    """Build every wheel: first all catalogs, then the plans, then the wheels, each in an order of ``chance``.

    Which of the wheels may share contents with another one is forgotten for half of them, so that some are written
    beside each other that would have waited.
    """
    project = _project(artifacts, build_dir, version, engine)
    plans = [task for task in plan_tasks(project) if task.get("name") != WHEEL_SET]
    first = [task for task in plans if task.get("name") == GENERIC]
    for tasks in (catalog_tasks(project), first, [task for task in plans if task not in first], build_tasks(project)):
        _run(tasks, engine, chance)


def _project(artifacts: Path, build_dir: Path, version: str, engine: Engine) -> Project:
    given = {"artifact_dir": str(artifacts), "build_dir": str(build_dir), "version": version}
    settings = read_settings(ROOT, ROOT, given, {})
    return replace(load_project(SPECS, settings), engine=engine)


def _run(tasks: Iterable[Task], engine: Engine, chance: random.Random) -> None:
    jobs = [task["actions"][0][1][1]() for task in tasks if task.get("actions")]
    chance.shuffle(jobs)
    futures = [engine.submit(action, request, _load(chance, *load)) for action, request, *load in jobs]
    for future in futures:
        future.result()


def _load(chance: random.Random, load: Load = SMALL) -> Load:
    """Return the load of a job, if it is to run in a worker, with another place in the order."""
    if not load.seconds:
        return load
    return Load(seconds=1 + chance.random(), outline=chance.choice([load.outline, None]))
