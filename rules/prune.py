"""``store-prune``: old nightlies leave the store."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from rules.analysis.project import Project
from rules.loading.settings import Settings
from rules.task import Task, in_a_sentence
from tools.errors import UserError, listed

if TYPE_CHECKING:
    from tools.store.prune import Pruned

PRUNE = "store-prune"  # the task's name


def prune_tasks(project: Project) -> Iterator[Task]:
    """Yield the task. It works on the store and on nothing else, whenever it is asked for."""
    yield {
        "basename": PRUNE,
        "doc": "old nightlies leave store=..., keep=N of them stay; dry_run=yes tells which go",
        "actions": [partial(prune_store, project.settings)],
        "uptodate": [False],
        "io": {"capture": False},
        "meta": {
            "output": True,
            "check": partial(check_prune, project.settings),
            "settings": ("store", "keep", "dry_run"),
        },
    }


def check_prune(settings: Settings) -> None:
    """Find out whether it is said what stays, and where; a UserError when not."""
    from tools.store.store import check_store

    if settings.store is None:
        raise UserError("store: is not set; `store-prune` needs store=DIRECTORY or store=s3://BUCKET/FOLDER")
    if not settings.keep:
        raise UserError("keep: is not set; `store-prune` needs keep=N, the number of nightlies that stay")
    check_store(settings.store)


@in_a_sentence
def prune_store(settings: Settings) -> None:
    """Prune and say what went."""
    from tools.store.prune import PruneRequest, prune

    assert settings.store is not None, "check_prune saw to it"
    request = PruneRequest(store=settings.store, keep=settings.keep, now=time.time(), dry_run=settings.dry_run)
    sys.stdout.write(_summary(settings, prune(request)))


def _summary(settings: Settings, pruned: Pruned) -> str:
    from tools.text import size_text

    would = "would be " if settings.dry_run else ""
    lines = [f"left alone, nothing of a store: {listed(pruned.foreign)}"] if pruned.foreign else []
    lines.append(f"versions: {', '.join(pruned.versions) or 'none'}")
    lines.append(f"{settings.store}: {len(pruned.removed)} {would}removed ({size_text(pruned.size)})")
    return "\n".join(lines) + "\n"
