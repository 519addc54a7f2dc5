"""What there is at a place, with states and digests of all that is wanted."""

from __future__ import annotations

from collections.abc import Callable

from tools.source.listing import Listing, completed, list_archives
from tools.source.patience import Patience
from tools.source.place import Place


def read_listing(
    place: Place, wanted: Callable[[str], bool], *, patience: Patience, known: Listing | None = None
) -> Listing:
    return completed(list_archives(place, patience), place, wanted, patience=patience, known=known)
