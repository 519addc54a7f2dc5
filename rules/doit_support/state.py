"""doit's state in SQLite, committed once a task: a crash costs the tasks that were running, no other."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from doit.dependency import DatabaseException, SqliteDB
from doit.exceptions import InvalidDodoFile

from tools.errors import UserError

LAST_KEY = "deps:"  # what doit 0.37's Dependency.save_success writes last for a task; a test holds it to that


class DurableDB(SqliteDB):
    """doit's SQLite backend, except that what a finished task leaves is on disk at once."""

    desc = "SQLite, one commit a finished task"

    def __init__(self, name: str, codec: Any, *, module_name: str | None = None) -> None:
        try:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(name)) as file:  # doit leaves its connection open when this fails
                file.execute("select 1 from sqlite_master")
            super().__init__(name, codec, module_name=module_name)
            self._conn.execute("pragma journal_mode=wal")
            self._conn.execute("pragma synchronous=normal")
        except (OSError, sqlite3.Error, DatabaseException) as error:
            problem = str(error).rpartition("Original error: ")[2]  # doit's own advice comes before
            raise InvalidDodoFile(
                f"{name}: the state of finished tasks cannot be opened ({problem}); "
                "make its directory writable, or remove the file and run again"
            ) from None

    def set(self, task_id: str, dependency: str, value: object) -> None:
        """Store one value of a task; the last one of a finished task commits them all."""
        super().set(task_id, dependency, value)
        if dependency == LAST_KEY:
            row = (task_id, self.codec.encode(self._cache[task_id]))
            with self._written():
                self._conn.execute("insert or replace into doit values (?,?)", row)
                self._conn.commit()
            self._dirty.discard(task_id)

    def remove(self, task_id: str) -> None:
        """Forget a task, on disk as well."""
        with self._written():
            super().remove(task_id)
            self._conn.commit()

    def dump(self) -> None:
        """Write what is left and close the file."""
        with self._written():
            super().dump()

    @contextmanager
    def _written(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:  # a full disk, above all
            raise UserError(f"{self.name}: the state of finished tasks cannot be written: {error}") from None
