"""What a store changes in the tasks: what is made here goes there, too."""

from __future__ import annotations

from typing import Any

from rules.analysis.project import Project

KEY = "store"  # in doit's values of a task
SHARDS = "shards"  # the tasks that look whether the store has everything
CATALOGS, WHEELS = "catalogs", "wheels"  # their names


class InStore:
    """An ``uptodate`` check: the task ran with this store, so that the store has what it made."""

    def __init__(self, store: str) -> None:
        self._store = store

    def __call__(self, task: Any, values: dict[str, Any]) -> bool:
        """Say whether it did, and have the store remembered when the task has run."""
        task.value_savers.append(lambda: {KEY: self._store})
        return values.get(KEY) == self._store

    def __repr__(self) -> str:
        """Return what ``doit info`` shows as a reason."""
        return "<it was made without this store>"


def in_store(project: Project) -> tuple[InStore, ...]:
    """Return the check of a task whose result goes to the store, where there is one."""
    return (InStore(project.settings.store),) if project.settings.store else ()


def after_shards(project: Project, part: str) -> tuple[str, ...]:
    """Return the check that the tasks of a part wait for."""
    return (f"{SHARDS}:{part}",) if project.settings.shards else ()
