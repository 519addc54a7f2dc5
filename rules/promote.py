"""``promote``: the dist of a release candidate becomes that of the release, without the artifacts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from doit.exceptions import TaskFailed

from rules.analysis.project import Project
from rules.dist import check_dist, gpus, upload_time
from rules.loading.settings import Settings
from rules.publish import PUBLISHING, check_publish, publish_dist
from rules.task import Task
from tools.errors import UserError

PROMOTE = "promote"  # the task's name
PROMOTED = "promoted"  # below build_dir: a folder a version, laid out as build_dir itself


def promote_tasks(project: Project) -> Iterator[Task]:
    """Yield the task. It needs nothing but what an earlier run left in build_dir and dist_dir."""
    version = f"version={project.settings.promote_to}"  # without it the next build would be of the default version
    publish = "" if project.settings.url else f"; doit publish {version} url=DIRECTORY_OR_URL"
    yield {
        "basename": PROMOTE,
        "doc": "the dist of version from=... becomes version to=..., payload untouched; url=... publishes it",
        "actions": [partial(promote, project)],
        "uptodate": [False],
        "io": {"capture": False},
        "meta": {
            "output": True,
            "check": partial(check_promote, project.settings),
            "next": f"doit verify {version}{publish}",
            "settings": ("from", "to", "url", *PUBLISHING, "dist_dir"),
        },
    }


def check_promote(settings: Settings) -> None:
    """Find out what would make promoting fail when the dist is another already.

    :raises UserError: without two versions, when the dist cannot be written, or nothing can be published at the url.
    """
    if settings.promote_from is None or settings.promote_to in (None, settings.promote_from):
        raise UserError("from, to: `promote` needs two different versions, such as from=10.1.0rc1 to=10.1.0")
    check_dist(settings)
    if settings.url is not None:
        check_publish(settings)


def promote(project: Project) -> TaskFailed | None:
    """Build the new version, put it into the dist in place of the old one, write the index, and publish if asked."""
    from tools.dist.gather import DistRequest, gather
    from tools.dist.index import IndexRequest, write_index
    from tools.dist.promote import PromoteRequest
    from tools.dist.promote import promote as run

    settings = project.settings
    before, after = settings.promote_from, settings.promote_to
    assert before, "check_promote saw to it"
    assert after, "check_promote saw to it"
    try:
        known = _receipts_with_plans(settings.build_dir)
        built = project.engine.submit(
            run,
            PromoteRequest(
                dist_dir=settings.dist_dir,
                built=tuple(known),
                plans=tuple(known.values()),
                before=before,
                after=after,
                directory=settings.build_dir / PROMOTED / after,
                level=settings.compression_level,
            ),
        ).result()
        gather(DistRequest(receipts=built, dist_dir=settings.dist_dir))
        request = IndexRequest(
            receipts=built, dist_dir=settings.dist_dir, gpus=gpus(project), upload_time=upload_time()
        )
        write_index(request)
        sys.stdout.write(f"{settings.dist_dir}: {len(built)} files, {before} is now {after}\n")
        if settings.url:
            publish_dist(project, built)
    except UserError as error:
        return TaskFailed(str(error))
    return None


def _receipts_with_plans(build: Path) -> dict[Path, Path]:
    """Return each receipt of a build or an earlier promotion, and where its plan lies."""
    found = {}
    for base in (build, *sorted(build.glob(f"{PROMOTED}/*"))):
        for receipt in sorted(base.glob("wheel/*/*/receipt.json")):
            family, package = receipt.parts[-3:-1]
            found[receipt] = base / "plan" / family / f"{package}.json"
    return found
