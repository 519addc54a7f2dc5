"""A directory as a place of files that appear whole or not at all."""

from __future__ import annotations

import filecmp
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tools.errors import UserError
from tools.files import atomic_write, make_directory, obstacle, reading, write_bytes
from tools.store.objects import Object, Purpose, Sent

if TYPE_CHECKING:
    from tools.source.fetching import Fetching

BLOCK = 1 << 20  # bytes copied at a time


class Folder:
    """A directory."""

    at_once = 1

    def __init__(self, root: Path, purpose: Purpose) -> None:
        self.url, self._root, self._purpose = str(root), root, purpose

    def check(self) -> None:
        if problem := obstacle(self._root):
            raise UserError(f"{self._purpose.setting}: {self.url}: {self._purpose.refused}: {problem}")

    def read(self, name: str) -> bytes | None:
        with self._failures(name):
            try:
                return (self._root / name).read_bytes()
            except FileNotFoundError:
                return None

    def create(self, name: str, content: bytes) -> bool:
        """A link to a finished file: link(2) fails where the name is taken, and nobody sees half of it."""
        with self._new(name) as temporary:
            write_bytes(temporary, content)
            return self._named(temporary, name)

    def write(self, name: str, content: bytes, content_type: str = "application/json") -> None:
        write_bytes(self._root / name, content)

    def upload(self, name: str, source: Path, sent: Sent, *, create: bool = False) -> bool:
        if not create:
            with self._failures(name):
                _copied(source, self._root / name, sent)
            return True
        with self._new(name) as temporary:
            _copied(source, temporary, sent)
            return self._named(temporary, name)

    def holds(self, name: str, source: Path) -> bool:
        with self._failures(name):
            try:
                return filecmp.cmp(self._root / name, source, shallow=False)
            except FileNotFoundError:
                return False

    def copy(self, name: str, twin: str, source: Path) -> bool:
        """Say no: a disk has no server's side."""
        return False

    def remove(self, *names: str) -> None:
        for name in names:
            path = self._root / name
            with self._failures(name):
                path.unlink(missing_ok=True)
                if path.parent != self._root and path.parent.is_dir() and not any(path.parent.iterdir()):
                    shutil.rmtree(path.parent, ignore_errors=True)

    def look(self, name: str) -> Object | None:
        with self._failures(name):
            try:
                facts = (self._root / name).stat()
            except (FileNotFoundError, NotADirectoryError):
                return None
            return Object(name=name, size=facts.st_size, modified=facts.st_mtime)

    def blocks(self, found: Object, fetching: Fetching) -> Iterable[bytes]:
        path = self._root / found.name
        with reading(path), path.open("rb") as file:
            yield from iter(lambda: file.read(BLOCK), b"")

    def below(self, folder: str) -> list[Object]:
        with self._failures(folder):
            paths = sorted(path for path in (self._root / folder).rglob("*") if path.is_file())
        found = (self.look(path.relative_to(self._root).as_posix()) for path in paths)
        return [one for one in found if one]

    @contextmanager
    def _new(self, name: str) -> Iterator[Path]:
        """Yield the path of a file that does not stay, where one is written that may get the name."""
        path = self._root / name
        temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
        with self._failures(name):
            make_directory(path.parent)
            try:
                yield temporary
            finally:
                temporary.unlink(missing_ok=True)

    def _named(self, temporary: Path, name: str) -> bool:
        try:
            os.link(temporary, self._root / name)
        except FileExistsError:
            return False
        return True

    @contextmanager
    def _failures(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UserError(f"{self._root / name}: {self._purpose.failed}: {error.strerror}") from None


def _copied(source: Path, target: Path, sent: Sent) -> None:
    with reading(source), source.open("rb") as reader, atomic_write(target) as file:
        while block := reader.read(BLOCK):
            file.write(block)
            sent(len(block))
