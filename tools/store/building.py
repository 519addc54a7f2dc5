"""A wheel or an sdist out of the store, or built and put there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tools.errors import UserError
from tools.receipt import Receipt
from tools.store.keys import product_key
from tools.store.store import open_store

if TYPE_CHECKING:
    from tools.source.fetching import Fetching
    from tools.workers.context import Context


class Product(Protocol):
    """A request to build one file."""

    @property
    def receipt(self) -> Path:
        """Where the receipt goes; the file goes beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredProductRequest:
    """One wheel or sdist to build, and where it may be already."""

    store: str  # URL
    rule: Mapping[str, object]  # all that decides the file's bytes but the plan
    plan: Path | None  # None: the rule is all
    filename: str
    build: Callable[[Any, Context], Mapping[str, object] | None]  # a module's function
    request: Product

    def is_stored(self, fetching: Fetching) -> bool:
        """Say whether the store has the receipt, which comes after the file."""
        return open_store(self.store, fetching).has("receipts", key_of(self.rule, self.plan))


def take_or_build(request: StoredProductRequest, context: Context) -> dict[str, object]:
    """Make the file and its receipt stand where ``build`` puts them, and return what that returns.

    If the store has them, nothing is built: "taken" is true. What was no good there is among the "notes".

    :raises UserError: when the store cannot be used, or as ``build``.
    """
    store = open_store(request.store, context.fetching)
    key = key_of(request.rule, request.plan)
    receipt = store.take(key, request.filename, request.request.receipt)
    if receipt is None:
        done = dict(request.build(request.request, context) or {})
        store.give(key, request.request.receipt)
    else:
        done = _taken(receipt)
    return done | ({"notes": store.damaged} if store.damaged else {})


def key_of(rule: Mapping[str, object], plan: Path | None) -> str:
    """Return the key of a file that is built by a plan.

    :raises UserError: when the plan cannot be read.
    """
    try:
        return product_key(rule, plan.read_bytes() if plan else b"")
    except OSError as error:
        raise UserError(f"{plan}: cannot be read: {error.strerror}") from None


def _taken(receipt: Receipt) -> dict[str, object]:
    installed = sum(row.size for row in receipt.members)
    return {"taken": True, "members": len(receipt.members), "installed": installed, "reused": 0}
