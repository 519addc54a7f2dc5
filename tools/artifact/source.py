"""Where artifacts come from, as a value that requests carry; what it names is opened when it is needed."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tools.artifact.directory import DirectoryArtifact
from tools.artifact.form import FORMS, artifact_of, form_of
from tools.errors import UserError, listed

if TYPE_CHECKING:  # which takes its time, in runs that list tasks, too
    from tools.artifact.model import Artifact
    from tools.artifact.span import Span
    from tools.source.fetching import Fetching

GLANCE = 2000  # files whose size is looked at; names alone cost a tenth of that
PACKED = 6  # bytes of a tar to one of its archive, about: a whole release as .tar.zst


class Listing(NamedTuple):
    """What stands where artifacts come from; hidden entries are passed over."""

    artifacts: tuple[str, ...]  # names of what can be opened, sorted
    others: tuple[str, ...]  # names of what cannot, sorted


class ArtifactSource(Protocol):
    """A value that pickles; its text is the place."""

    def listing(self) -> Listing:
        """Return what stands there, each name as that of an artifact would be.

        :raises UserError: when it cannot be read, or several artifacts have one name.
        """

    def has(self, name: str) -> bool:
        """Say whether there is an artifact of this name."""

    def glance(self, name: str) -> tuple[int, int]:
        """Return how many files an artifact has and their bytes, as far as a short look tells: about, at least."""

    def open(self, name: str, fetching: Fetching | None = None) -> Artifact:
        """Return an artifact; that it is not there shows when it is looked at.

        ``fetching`` is what the jobs of this process share, if it is a job that asks.
        """


@dataclass(frozen=True, slots=True)
class LocalSource:
    """A directory of artifact directories and archives, each with a digest beside it or without."""

    directory: Path
    tars: Path | None = None  # where archives are unpacked to; None: they are no artifacts here

    def __str__(self) -> str:
        return str(self.directory)

    def listing(self) -> Listing:
        """List the directory."""
        try:
            with os.scandir(self.directory) as entries:
                found = [(entry.name, entry.is_dir()) for entry in entries if not entry.name.startswith(".")]
        except OSError as error:
            raise UserError(f"{self.directory}: cannot be read: {error.strerror}") from None
        archives = [name for name, is_directory in found if not is_directory and self._is_archive(name)]
        artifacts = sorted([*(name for name, is_directory in found if is_directory), *map(artifact_of, archives)])
        if twice := repeated(artifacts):
            raise UserError(f"{self.directory}: has several artifacts of one name: {listed(twice)}; leave one of each")
        others = {name for name, is_directory in found if not is_directory}.difference(archives)
        return Listing(tuple(artifacts), tuple(sorted(others)))

    def has(self, name: str) -> bool:
        """Look for the directory, then for archives."""
        return (self.directory / name).is_dir() or self._archive(name) is not None

    def glance(self, name: str) -> tuple[int, int]:
        """Count the files of a directory and the bytes of the first ones, or look at an archive's size."""
        if archive := self._archive(name):
            return 0, PACKED * _size(archive)
        files = seen = size = 0
        for directory, _, names in os.walk(self.directory / name):
            files += len(names)
            for file in names[: GLANCE - seen]:
                seen += 1
                with suppress(OSError):
                    size += os.lstat(f"{directory}/{file}").st_size
        return files, size

    def open(self, name: str, fetching: Fetching | None = None) -> Artifact:
        """Look which form it has."""
        directory = self.directory / name
        if not directory.is_dir() and self.tars and (archive := self._archive(name)):
            from tools.artifact.archive import ArchiveArtifact
            from tools.artifact.unpack import local_archive

            told = fetching.unpacked if fetching else None
            return ArchiveArtifact(name, str(archive), partial(local_archive, archive), self.tars, told=told)
        return DirectoryArtifact(name, directory)

    def directory_of(self, name: str) -> DirectoryArtifact | None:
        """Return an artifact that is a directory, None for others."""
        directory = self.directory / name
        return DirectoryArtifact(name, directory) if directory.is_dir() else None

    def _is_archive(self, name: str) -> bool:
        return self.tars is not None and form_of(name) is not None

    def _archive(self, name: str) -> Path | None:
        return next((archive for archive in self._archives(name) if archive.is_file()), None)

    def _archives(self, name: str) -> Iterator[Path]:
        if self.tars:
            yield from (self.directory / f"{name}{form}" for form in FORMS)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def repeated(names: Iterable[str]) -> list[str]:
    """Return the names that stand more than once."""
    return [name for name, count in Counter(names).items() if count > 1]


class Spans:
    """Where the members of plans are. Each artifact is opened when the first of its members is asked for."""

    def __init__(self, source: ArtifactSource | None, fetching: Fetching | None = None) -> None:
        self._source, self._fetching = source, fetching
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
        return self._opened.setdefault(
            name, self._source.open(name, self._fetching)
        )  # threads may do so at once: no harm
