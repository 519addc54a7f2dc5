"""``verify``: the finished dist looked at as installers and the loader will, without installing it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from doit.exceptions import TaskFailed

from rules.also import others_of
from rules.analysis.project import Project
from rules.dist import INDEX
from rules.doit_support.adapter import invoked_in
from rules.task import Task, in_a_sentence
from tools.errors import UserError, listed

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
        "meta": {"output": True, "settings": ("consumers", "provenance", "also", "version", "dist_dir")},
    }


@in_a_sentence
def verify(project: Project, json: str, libraries: str) -> TaskFailed | None:
    """Check the dist and write what was found; errors fail the task, warnings do not.

    Paths start where the user is, which may be another folder than the project's.
    """
    from tools.dist.fetch import open_index
    from tools.files import write_bytes
    from tools.verify.claims import check_claims
    from tools.verify.dist import Report, VerifyRequest, verify_dist
    from tools.verify.report import report_json, report_text, verdict

    settings = project.settings
    request = VerifyRequest(
        dist_dir=settings.dist_dir,
        specs_dir=project.specs_dir,
        build_dir=settings.build_dir,
        more_libraries=(invoked_in() / libraries,) if libraries else (),
        consumers=consumer_files(project),
        jobs=settings.jobs,
    )
    report = project.engine.submit(verify_dist, request).result()
    if settings.provenance is not None:
        claims = check_claims(settings.dist_dir, open_index(settings.provenance).read)
        findings = tuple(sorted({*report.findings, *claims}))
        report = Report(wheels=report.wheels, findings=findings)
    if json:
        write_bytes(invoked_in() / json, report_json(report))
    sys.stdout.write(report_text(report))
    return TaskFailed(verdict(report)) if report.errors else None


def consumer_files(project: Project) -> tuple[Path, ...]:
    """Return the wheels that are only looked at.

    :raises UserError: when one has to be fetched first.
    """
    others = others_of(project.settings.consumers, "consumers")
    if remote := [other.url for other in others if other.source is None]:
        raise UserError(f"consumers: must be files or folders of this machine, not {listed(remote)}")
    return tuple(other.source for other in others if other.source is not None and other.filename.endswith(".whl"))
