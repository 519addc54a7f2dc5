"""Where the artifacts of this run come from, and what is kept of a URL so that the next question needs no network."""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.artifact.source import ArtifactSource, LocalSource

if TYPE_CHECKING:
    from tools.source.listing import Listing

ARCHIVES = "archives"  # below build_dir: the plain tars of archives, and what is kept of them
RELEASE = "release.json"  # what base_lib_generic says
_LISTING = "listing.json"  # what stood at the URL


@dataclass(frozen=True, slots=True)
class GivenSource:
    """A source, of a URL perhaps as an earlier run found it."""

    source: ArtifactSource
    known: Listing | None = None  # what was kept of the URL
    is_asked: bool = False  # the URL was listed now

    def wanting(self, artifacts: Collection[str], build_dir: Path) -> ArtifactSource:
        """Return the source with the states of these artifacts, which are kept, too.

        :raises UserError: when a file at the URL cannot be looked at, or a sidecar is wrong.
        """
        if not self.is_asked:
            return self.source
        from tools.source.remote import RemoteSource

        assert isinstance(self.source, RemoteSource)
        source = self.source.completed(artifacts, self.known, _say)
        source.keep(build_dir / ARCHIVES / _LISTING)
        return source


def find_source(place: Path | str, build_dir: Path, *, strict: bool, asks: bool) -> GivenSource:
    """Return the source at a place. A URL is listed if the run ``asks``, or if nothing is kept of it.

    :raises UserError: when the URL cannot be listed, or holds no archive or two of one artifact.
    """
    tars = build_dir / ARCHIVES
    if isinstance(place, Path):
        return GivenSource(LocalSource(place, tars))
    from tools.source.listing import kept_listing
    from tools.source.remote import RemoteSource, list_source

    known = kept_listing(tars / _LISTING, place)
    if known and not asks:
        return GivenSource(RemoteSource(known, tars, strict), known)
    return GivenSource(list_source(place, tars, strict=strict, waits=_say), known, is_asked=True)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
