"""A catalog out of the store, or made and put there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.catalog.scan import CatalogRequest, catalog_artifact
from tools.catalog.signatures import read_signatures, write_signatures
from tools.files import write_bytes
from tools.store.keys import catalog_key
from tools.store.store import Store, open_store

if TYPE_CHECKING:
    from tools.artifact.model import Identity
    from tools.source.fetching import Fetching
    from tools.workers.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCatalogRequest:
    """One artifact, and where its catalog may be already."""

    store: str  # URL
    request: CatalogRequest
    plan: None = None  # a catalog has none

    def is_stored(self, fetching: Fetching) -> bool:
        """Say whether the store has the catalog."""
        identity = self.request.artifacts.open(self.request.artifact, fetching).identity()
        if identity is None:
            return False
        return open_store(self.store, fetching).has("catalogs", catalog_key(self.request.artifact, identity.content))


def take_or_catalog(request: StoredCatalogRequest, context: Context) -> dict[str, object]:
    """Write the catalog of an artifact and its state, as :func:`catalog_artifact` does, and return what that returns.

    If the store has the catalog, the artifact is not looked into, nor fetched. An artifact that is known by its bytes
    alone, such as a directory, has nothing in the store. What was no good there is among the "notes".

    :raises UserError: when the store cannot be used, or as :func:`catalog_artifact`.
    """
    inner = request.request
    identity = inner.artifacts.open(inner.artifact, context.fetching).identity()
    if identity is None:
        return dict(catalog_artifact(inner, context))
    store, key = open_store(request.store, context.fetching), catalog_key(inner.artifact, identity.content)
    done = _take(store, key, identity, inner) or _give(store, key, identity, inner, context)
    return done | ({"notes": store.damaged} if store.damaged else {})


def _take(store: Store, key: str, identity: Identity, request: CatalogRequest) -> dict[str, object] | None:
    content = store.get("catalogs", key)
    if content is None:
        return None
    write_bytes(request.catalog, content)
    write_signatures(request.signatures, identity.state, content)
    place = request.artifacts.open(request.artifact).place
    return {"taken": True} | ({"unverified": place} if identity.is_unverified else {})


def _give(store: Store, key: str, identity: Identity, request: CatalogRequest, context: Context) -> dict[str, object]:
    """Store the catalog, unless the artifact became another one meanwhile."""
    done = {} if _state(request) == identity.state else catalog_artifact(request, context)
    if _state(request) == identity.state:
        store.put("catalogs", key, request.catalog.read_bytes())
    return dict(done)


def _state(request: CatalogRequest) -> bytes | None:
    """Return the state of the artifact that the catalog here is of."""
    try:
        return read_signatures(request.signatures, request.catalog.read_bytes())
    except OSError:
        return None
