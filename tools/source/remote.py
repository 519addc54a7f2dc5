"""A URL that artifacts come from, as a value that requests carry: what stood there when it was listed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tools.artifact.archive import ArchiveArtifact
from tools.artifact.source import PACKED
from tools.artifact.source import Listing as Names
from tools.artifact.unpack import Packed
from tools.errors import UserError
from tools.source.fetching import Fetching
from tools.source.listing import Archive, Listing, completed, keep_listing, list_archives, remote_archive
from tools.source.patience import PATIENCE, Patience, Waits


@dataclass(frozen=True, slots=True)
class RemoteSource:
    """The archives at a URL; tools.artifact.source says what the methods do."""

    archives: Listing
    tars: Path  # where archives are unpacked to
    strict: bool  # refuse an archive without a digest
    patience: Patience = PATIENCE

    def __str__(self) -> str:
        return self.archives.url

    def listing(self) -> Names:
        """Return what was listed."""
        return Names(tuple(sorted(archive.artifact for archive in self.archives.archives)), ())

    def has(self, name: str) -> bool:
        """Look into the listing."""
        return self.archives.find(name) is not None

    def glance(self, name: str) -> tuple[int, int]:
        """Go by the archive's size."""
        archive = self.archives.find(name)
        return 0, PACKED * (archive.file.size or 0) if archive else 0

    def open(self, name: str, fetching: Fetching | None = None) -> ArchiveArtifact:
        """Return the artifact, which is fetched when it is looked into."""
        archive, fetching = self.archives.find(name), fetching or Fetching()
        place = f"{self}/{archive.file.name if archive else name}"
        look = partial(self._look, archive, place, fetching)
        return ArchiveArtifact(name, place, look, self.tars, strict=self.strict, told=fetching.unpacked)

    def completed(self, wanted: Collection[str], known: Listing | None, waits: Waits | None) -> RemoteSource:
        """Return the source with the states of the ``wanted`` artifacts.

        :raises UserError: when a file cannot be looked at, or a sidecar is wrong.
        """
        place = Fetching().place(str(self), self.patience)
        archives = completed(
            self.archives, place, wanted.__contains__, patience=self.patience, known=known, waits=waits
        )
        return replace(self, archives=archives)

    def keep(self, file: Path) -> None:
        """Write down what stands there, for runs that do not ask again."""
        keep_listing(file, self.archives)

    def _look(self, archive: Archive | None, place: str, fetching: Fetching) -> Packed:
        """Return the archive as it was listed; of one that nobody wanted more is asked for now."""
        if archive is None:
            raise UserError(f"{place}: is not there; look at the address")
        opened = partial(fetching.place, str(self), self.patience)
        if not archive.is_known:
            alone = Listing(url=self.archives.url, archives=(archive,))
            waits = fetching.waits
            archive = completed(alone, opened(), lambda _: True, patience=self.patience, waits=waits).archives[0]
        return remote_archive(
            str(self), opened, archive, patience=self.patience, told=fetching.fetched, waits=fetching.waits
        )


def list_source(
    url: str, tars: Path, *, strict: bool, patience: Patience = PATIENCE, waits: Waits | None = None
) -> RemoteSource:
    """Return the source at ``url`` with the archives that stand there now.

    :raises UserError: when it cannot be listed, or holds no archive or two of one artifact.
    """
    place = Fetching().place(url, patience)
    return RemoteSource(list_archives(place, patience, waits), tars, strict, patience)
