"""``report``: one page that shows where the bytes of the build, or of any dist, are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial

from doit.exceptions import TaskFailed

from rules.analysis.project import Project
from rules.dist import INDEX, receipts
from rules.loading.settings import Settings
from rules.task import Task, in_a_sentence
from tools.errors import UserError

REPORT = "report"  # the task's name


def report_tasks(project: Project) -> Iterator[Task]:
    """Yield the task. It builds first unless it is about wheels from elsewhere, and runs whenever it is asked for."""
    yield {
        "basename": REPORT,
        "doc": "a page that shows where the bytes are, of=... a dist, and what grew, against=... another one",
        "actions": [partial(report, project)],
        "task_dep": [] if project.settings.of else [INDEX],
        "uptodate": [False],
        "io": {"capture": False},
        "meta": {
            "output": True,
            "check": partial(check_report, project.settings),
            "settings": ("of", "against", "budget", "build_dir"),
        },
    }


def check_report(settings: Settings) -> None:
    """Find out what would make the report fail after a build.

    :raises UserError: without ECharts, for a budget against nothing, or for a directory that is not there.
    """
    from tools.report.echarts import read_echarts
    from tools.report.read import check_place

    read_echarts()
    if settings.budget is not None and settings.against is None:
        raise UserError("budget: is of what grew; say against=DIRECTORY_OR_URL, too")
    for place in filter(None, (settings.of, settings.against)):
        check_place(place)


@in_a_sentence
def report(project: Project) -> TaskFailed | None:
    """Write the page and say where it is; growth beyond the budget fails the task."""
    from tools.report.write import ReportRequest, write_report

    settings = project.settings
    request = ReportRequest(
        build=settings.build_dir,
        receipts=() if settings.of else receipts(project),
        of=settings.of or "",
        against=settings.against or "",
        budget=settings.budget,
    )
    written = write_report(request)
    sys.stdout.write("".join(f"{line}\n" for line in written.lines))
    return TaskFailed(written.problem) if written.problem else None
