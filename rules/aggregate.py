"""``aggregate``: one page for people over several published indexes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from rules.analysis.project import Project
from rules.dist import gpus
from rules.loading.settings import Settings
from rules.task import Task, in_a_sentence
from tools.errors import UserError

if TYPE_CHECKING:
    from tools.dist.aggregate import Aggregate

AGGREGATE = "aggregate"


def aggregate_tasks(project: Project) -> Iterator[Task]:
    """Yield the task. It works on what is published and on nothing else, so it runs whenever it is asked for."""
    yield {
        "basename": AGGREGATE,
        "doc": "at url=... one page over the published indexes=..., such as channels, with the picker",
        "actions": [partial(aggregate, project)],
        "uptodate": [False],
        "io": {"capture": False},
        "meta": {
            "output": True,
            "check": partial(check_aggregate, project.settings),
            "settings": ("indexes", "url", "public_url"),
        },
    }


def check_aggregate(settings: Settings) -> None:
    """Find out whether there is something to make the page from, and a place for it; a UserError when not."""
    from tools.store.objects import open_objects

    if not settings.indexes:
        raise UserError("indexes: is not set; `aggregate` needs indexes=ADDRESS,ADDRESS of published indexes")
    if settings.url is None:
        raise UserError("url: is not set; `aggregate` needs url=DIRECTORY or url=s3://BUCKET/FOLDER for its page")
    open_objects(settings.url).check()


@in_a_sentence
def aggregate(project: Project) -> None:
    """Write the page and say what it is made from."""
    from tools.dist.aggregate import AggregateRequest
    from tools.dist.aggregate import aggregate as run

    settings = project.settings
    assert settings.url is not None, "check_aggregate saw to it"
    request = AggregateRequest(
        indexes=settings.indexes, url=settings.url, public_url=settings.public_url or "", gpus=gpus(project)
    )
    sys.stdout.write(_summary(settings.url, run(request)))


def _summary(url: str, done: Aggregate) -> str:
    lines = [f"{name}: {files} files listed" for name, files in done.listed.items()]
    lines.append(f"{url}/index.html: {'written' if done.changed else 'nothing to change'}")
    return "\n".join(lines) + "\n"
