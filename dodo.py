"""From settings and specs to tasks. ``doit list`` shows them, README.md says what they are for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from rules.analysis.project import load_project
from rules.build import build_tasks
from rules.catalog import catalog_tasks
from rules.check import check_tasks
from rules.debian import debian_tasks
from rules.dist import dist_tasks
from rules.doit_support.adapter import command_line, configuration, end_with_reader, invoked_in, user_errors
from rules.doit_support.lock import held
from rules.loading.settings import read_settings
from rules.plan import plan_tasks
from rules.promote import promote_tasks
from rules.publish import publish_tasks
from rules.report import report_tasks
from rules.sample import sample_tasks
from rules.task import Task
from rules.verify import verify_tasks

ROOT = Path(__file__).parent

with user_errors():
    SETTINGS = read_settings(ROOT, invoked_in(), command_line(), os.environ)
    PROJECT = load_project(ROOT / "packaging_specs", SETTINGS, held)

DOIT_CONFIG = configuration(PROJECT)
end_with_reader()


def task_all() -> Iterator[Task]:
    """Yield every task, in the order of the data."""
    yield from sample_tasks(PROJECT)
    yield from catalog_tasks(PROJECT)
    yield from plan_tasks(PROJECT)
    yield from build_tasks(PROJECT)
    yield from dist_tasks(PROJECT)
    yield from verify_tasks(PROJECT)
    yield from publish_tasks(PROJECT)
    yield from promote_tasks(PROJECT)
    yield from report_tasks(PROJECT)
    yield from debian_tasks(PROJECT)
    yield from check_tasks(ROOT, SETTINGS.jobs)
