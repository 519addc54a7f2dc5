"""Where artifacts come from, as a value that requests carry; what it names is opened when it is needed."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tools.artifact.directory import DirectoryArtifact
from tools.errors import UserError, listed

if TYPE_CHECKING:  # which takes its time, in runs that list tasks, too
    from tools.artifact.model import Artifact
    from tools.artifact.span import Span


GLANCE = 2000  # files that are looked at to tell a large artifact from a small one


class Listing(NamedTuple):
    """What stands where artifacts come from; hidden entries are passed over."""

    artifacts: tuple[str, ...]  # names of what can be opened, sorted
    others: tuple[str, ...]  # names of what cannot, sorted


@dataclass(frozen=True, slots=True)
class ArtifactSource:
    """A directory of artifact directories."""

    directory: Path

    def __str__(self) -> str:
        return str(self.directory)

    def listing(self) -> Listing:
        """Return what stands there, each name as that of an artifact would be.

        :raises UserError: when it cannot be read, or several artifacts have one name.
        """
        try:
            with os.scandir(self.directory) as entries:
                found = [(entry.name, entry.is_dir()) for entry in entries if not entry.name.startswith(".")]
        except OSError as error:
            raise UserError(f"{self.directory}: cannot be read: {error.strerror}") from None
        artifacts = sorted(name for name, is_directory in found if is_directory)
        if twice := repeated(artifacts):
            raise UserError(f"{self.directory}: has several artifacts of one name: {listed(twice)}; leave one of each")
        return Listing(tuple(artifacts), tuple(sorted(name for name, is_directory in found if not is_directory)))

    def has(self, name: str) -> bool:
        """Say whether there is an artifact of this name."""
        return (self.directory / name).is_dir()

    def glance(self, name: str) -> tuple[int, int]:
        """Return how many files an artifact has and their bytes, as far as a short look tells: at least so many."""
        files = size = 0
        for directory, _, names in os.walk(self.directory / name):
            for file in names:
                with suppress(OSError):
                    size += os.lstat(f"{directory}/{file}").st_size
            files += len(names)
            if files >= GLANCE:
                break
        return files, size

    def open(self, name: str) -> Artifact:
        """Return an artifact; that it is not there shows when it is looked at."""
        return DirectoryArtifact(name, self.directory / name)


def repeated(names: Iterable[str]) -> list[str]:
    """Return the names that stand more than once."""
    return [name for name, count in Counter(names).items() if count > 1]


class Spans:
    """Where the members of plans are. Each artifact is opened when the first of its members is asked for."""

    def __init__(self, source: ArtifactSource | None) -> None:
        self._source = source
        self._opened: dict[str, Artifact] = {}

    def find(self, member: str, size: int) -> Span:
        """Return where ``member``, an artifact's name and a path from its top, has its ``size`` bytes.

        :raises InputChanged: when it is not there any more.
        :raises UserError: when there are no artifacts.
        """
        name, _, path = member.partition("/")
        return (self._opened.get(name) or self._open(name, member)).span(path, size)

    def _open(self, name: str, member: str) -> Artifact:
        if self._source is None:
            raise UserError(
                f"{member}: no finished wheel has it any more, and there are no artifacts to read it from; build that "
                "version again"
            )
        return self._opened.setdefault(name, self._source.open(name))  # threads may do so at once: no harm
