"""What is made on a machine that shares nothing but the store: it takes its plan from there, and gives its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from tools.errors import UserError
from tools.files import write_bytes
from tools.store.keys import digest_of
from tools.store.store import open_store

if TYPE_CHECKING:
    from tools.source.fetching import Fetching
    from tools.workers.context import Context


@runtime_checkable
class Stored(Protocol):
    """A request whose result is in the store when the action is done."""

    @property
    def store(self) -> str:
        """URL of the store."""

    @property
    def plan(self) -> Path | None:
        """The file of ours that is read; all else comes from URLs."""

    def is_stored(self, fetching: Fetching) -> bool:
        """Say whether the result is in the store already, be it whole or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ElsewhereRequest:
    """A job with the digest of its plan, as which the store has it."""

    digest: str | None  # hex sha256
    action: Callable[[Any, Context], object]
    request: Stored


def offer(request: Stored, context: Context) -> str | None:
    """Put the plan of a job into the store, and return its digest; None of a job without one.

    :raises UserError: when the store cannot be used, or the plan cannot be read.
    """
    if request.plan is None:
        return None
    try:
        content = request.plan.read_bytes()
    except OSError as error:
        raise UserError(f"{request.plan}: cannot be read: {error.strerror}") from None
    digest = digest_of(content)
    open_store(request.store, context.fetching).put("files", digest, content)
    return digest


def is_stored(request: Stored, context: Context) -> bool:
    """Say whether the result of a job is in the store already.

    :raises UserError: when the store cannot be used.
    """
    return request.is_stored(context.fetching)


def make(request: ElsewhereRequest, context: Context) -> object:
    """Do a job on another machine, and return what its action returns.

    :raises UserError: when the store lacks the plan, or as the action.
    """
    inner = request.request
    if request.digest is not None and inner.plan is not None:
        content = open_store(inner.store, context.fetching).get("files", request.digest)
        if content is None or digest_of(content) != request.digest:
            raise UserError(f"{inner.store}: lacks files/{request.digest}.json, which was put there; run again")
        write_bytes(inner.plan, content)
    return request.action(inner, context)
