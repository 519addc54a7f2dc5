"""From settings and specs to tasks. ``doit list`` shows them, docs/how-it-works.md says what they are for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from rules.aggregate import aggregate_tasks
from rules.also import also_tasks
from rules.analysis.project import load_project
from rules.build import build_tasks
from rules.catalog import catalog_tasks
from rules.check import check_tasks
from rules.debian import debian_tasks
from rules.develop import develop_tasks
from rules.dist import dist_tasks
from rules.doit_support import adapter
from rules.doit_support.lock import held
from rules.entry import entry_tasks
from rules.fetch import fetch_tasks
from rules.loading.settings import read_settings
from rules.pictures import pictures_tasks
from rules.plan import plan_tasks
from rules.promote import promote_tasks
from rules.prune import prune_tasks
from rules.publish import publish_tasks
from rules.report import report_tasks
from rules.sample import sample_tasks
from rules.shards import shard_tasks
from rules.task import Task
from rules.verify import verify_tasks
from rules.windows import windows_tasks

ROOT = Path(__file__).parent

with adapter.user_errors():
    adapter.check_start(ROOT)
    SETTINGS = read_settings(ROOT, adapter.invoked_in(), adapter.command_line(), os.environ)
    NEEDED = adapter.needs_artifacts()
    ASKS = NEEDED and adapter.asks()
    PROJECT = load_project(ROOT / "packaging_specs", SETTINGS, held, asks=ASKS, needs_artifacts=NEEDED)

DOIT_CONFIG = adapter.configuration(PROJECT)


def task_all() -> Iterator[Task]:
    """Yield every task, in the order of the data."""
    for made in (sample_tasks, fetch_tasks, shard_tasks, catalog_tasks, plan_tasks, build_tasks, develop_tasks):
        yield from made(PROJECT)
    for made in (also_tasks, entry_tasks, dist_tasks, verify_tasks, publish_tasks, promote_tasks, prune_tasks):
        yield from made(PROJECT)
    for made in (aggregate_tasks, report_tasks, debian_tasks, windows_tasks):
        yield from made(PROJECT)
    yield from check_tasks(ROOT, SETTINGS.jobs)
    yield from pictures_tasks(ROOT)
