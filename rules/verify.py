"""``verify``: the finished dist looked at as installers and the loader will, without installing it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from doit.exceptions import TaskFailed

from rules.analysis.project import Project
from rules.dist import INDEX
from rules.task import Task
from tools.errors import UserError

VERIFY = "verify"  # the task's name


def verify_tasks(project: Project) -> Iterator[Task]:
    """Yield the task that checks the dist. It runs whenever it is asked for: nobody can say what touched the files."""
    yield {
        "basename": VERIFY,
        "doc": "static checks over the finished dist; --json FILE writes the report for programs",
        "actions": [partial(verify, project)],
        "task_dep": [INDEX],
        "uptodate": [False],
        "params": [
            {"name": "json", "long": "json", "default": "", "help": "also write the report to this file as JSON"},
            {"name": "libraries", "long": "system-libraries", "default": "", "help": "a further list, as TOML"},
        ],
        "io": {"capture": False},
        "meta": {"output": True},
    }


def verify(project: Project, json: str, libraries: str) -> TaskFailed | None:
    """Check the dist and write what was found; errors fail the task, warnings do not."""
    from tools.files import write_bytes
    from tools.verify.dist import VerifyRequest, verify_dist
    from tools.verify.report import report_json, report_text, verdict

    settings = project.settings
    request = VerifyRequest(
        dist_dir=settings.dist_dir,
        specs_dir=project.specs_dir,
        build_dir=settings.build_dir,
        more_libraries=(Path(libraries),) if libraries else (),
        jobs=settings.jobs,
    )
    try:
        report = project.engine.submit(verify_dist, request).result()
        if json:
            write_bytes(Path(json), report_json(report))
    except UserError as error:
        return TaskFailed(str(error))
    sys.stdout.write(report_text(report))
    return TaskFailed(verdict(report)) if report.errors else None
